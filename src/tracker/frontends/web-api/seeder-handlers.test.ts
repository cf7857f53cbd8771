import { describe, expect, test } from 'vitest';
import { registration, TestApi } from '../../../../test/support/tracker/test-api.ts';
import { testTorrent } from '../../../../test/support/tracker/torrents.ts';
import {
  type DetailedSeeder,
  detailedSeederSchema,
  registrationResponseSchema,
  type SeederList,
  seederListSchema,
  type TorrentList,
} from '../../../tracker-protocol/index.ts';

const [one, two, hybrid] = [
  testTorrent('one.txt'),
  testTorrent('two.txt'),
  testTorrent('both.txt', 'hybrid'),
];

describe('seeders', () => {
  test('POST seeders registers, and the list shows how many torrents each seeder holds', async () => {
    await using api = await TestApi.start();
    const answer = await api.register(9911, one, two);
    expect(registrationResponseSchema.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject({ host: '127.0.0.1', port: 9911, renewIn: 30, expiresIn: 90, missing: [] });
    const list = await api.get<SeederList>('/api/v1/seeders');
    expect(seederListSchema.parse(list)).toEqual(list);
    expect(list).toMatchObject({
      seeders: [{ id: answer.id, host: '127.0.0.1', port: 9911, torrents: 2 }],
      total: 1,
    });
    expect(Math.abs(Date.parse(list.seeders[0]!.seenAt) - Date.now())).toBeLessThan(60_000);
    expect(JSON.stringify(list)).not.toContain(answer.token);
  });

  test('POST seeders puts the seeder into each swarm, both of a hybrid', async () => {
    await using api = await TestApi.start();
    const { id, token } = await api.register(9911, one, hybrid);
    const { infoHash, infoHashV2 } = hybrid.registered;
    for (const hash of [one.registered.infoHash, infoHash, infoHashV2!])
      expect(await api.peersOf(hash)).toBe(1);
    const left = await api.call('DELETE', `/api/v1/seeders/${id}`, undefined, token);
    expect([left.status, await left.text()]).toEqual([204, '']);
    for (const hash of [one.registered.infoHash, infoHash, infoHashV2!])
      expect(await api.peersOf(hash)).toBe(0);
    expect((await api.get<SeederList>('/api/v1/seeders')).total).toBe(0);
  });

  test('POST seeders counts a torrent that is listed twice once', async () => {
    await using api = await TestApi.start();
    await api.register(9911, one, one);
    expect((await api.get<TorrentList>('/api/v1/torrents')).torrents).toHaveLength(1);
  });

  test('POST seeders replaces a seeder at the same address, whose token is not valid then', async () => {
    await using api = await TestApi.start();
    const before = await api.register(9911, one, two);
    const after = await api.register(9911, two);
    const list = await api.get<SeederList>('/api/v1/seeders');
    expect(list.seeders.map(({ id }) => id)).toEqual([after.id]);
    expect(await api.peersOf(one.registered.infoHash)).toBe(0);
    expect(await api.peersOf(two.registered.infoHash)).toBe(1);
    expect(await api.problem('PUT', `/api/v1/seeders/${before.id}`, undefined, before.token)).toMatchObject({
      status: 404,
      detail: expect.stringContaining('register again'),
    });
  });

  test('PUT seeders/{id} without a body keeps the list, and with one replaces it', async () => {
    await using api = await TestApi.start();
    const { id, token } = await api.register(9911, one);
    const kept = await api.call('PUT', `/api/v1/seeders/${id}`, undefined, token);
    expect(await kept.json()).toEqual({
      id,
      host: '127.0.0.1',
      port: 9911,
      renewIn: 30,
      expiresIn: 90,
      missing: [],
    });
    const replaced = await api.call(
      'PUT',
      `/api/v1/seeders/${id}`,
      registration(9911, [two.registered]),
      token,
    );
    expect(await replaced.json()).toMatchObject({ id, missing: [two.registered.infoHash] });
    const detail = await api.get<DetailedSeeder>(`/api/v1/seeders/${id}`);
    expect(detailedSeederSchema.parse(detail)).toEqual(detail);
    expect(detail.holds).toEqual([two.registered]);
    expect([await api.peersOf(one.registered.infoHash), await api.peersOf(two.registered.infoHash)]).toEqual([
      0, 1,
    ]);
  });

  test('PUT and DELETE seeders/{id} need the token: an id is public', async () => {
    await using api = await TestApi.start();
    const { id } = await api.register(9911, one);
    const other = await api.register(9912);
    for (const method of ['PUT', 'DELETE']) {
      const path = `/api/v1/seeders/${id}`;
      const without = await api.call(method, path);
      expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect((await api.problem(method, path, undefined, other.token)).status).toBe(403);
      expect((await api.problem(method, path, undefined, `${id}.x`)).status).toBe(403);
      expect((await api.problem(method, '/api/v1/seeders/nobody', undefined, other.token)).status).toBe(404);
    }
    expect((await api.get<SeederList>('/api/v1/seeders')).total).toBe(2);
  });

  test('GET seeders comes in pages', async () => {
    await using api = await TestApi.start();
    for (let port = 1; port <= 5; port += 1) await api.register(port);
    const ports: number[] = [];
    for (let after: string | undefined = '0'; after !== undefined; ) {
      const page: SeederList = await api.get<SeederList>(`/api/v1/seeders?limit=2&after=${after}`);
      ports.push(...page.seeders.map(({ port }) => port));
      after = page.next;
    }
    expect(ports).toEqual([1, 2, 3, 4, 5]);
  });

  test('POST seeders takes host= only from a private address, and only with a private address', async () => {
    await using api = await TestApi.start();
    const body = registration(1);
    const lan = await api.call('POST', '/api/v1/seeders', { ...body, host: '192.168.7.7' });
    expect(await lan.json()).toMatchObject({ host: '192.168.7.7' });
    for (const host of ['8.8.8.8', 'localhost', '']) {
      expect(await api.problem('POST', '/api/v1/seeders', { ...body, host })).toMatchObject({
        status: 400,
        errors: [{ field: 'host', message: expect.stringContaining('127.0.0.1') }],
      });
    }
  });
});

describe('a seeder of many torrents', () => {
  const many = Array.from({ length: 1500 }, (_, at) => ({
    ...one.registered,
    infoHash: at.toString(16).padStart(40, '0'),
  }));
  const seeders = '/api/v1/seeders';

  test('has its list renewed in the swarms, but not much sooner than it was told to, and not twice at once', async () => {
    await using api = await TestApi.start();
    const response = await api.call('POST', seeders, registration(1, many));
    const { id, token, missing } = registrationResponseSchema.parse(await response.json());
    expect(missing).toHaveLength(1500);
    const renew = async () => {
      const renewed = await api.call('PUT', `${seeders}/${id}`, undefined, token);
      return registrationResponseSchema.parse(await renewed.json()).missing.length;
    };
    expect(await renew()).toBe(0);
    api.tracker.clock.advance(20_000);
    expect(await renew()).toBe(1500);
    expect(await renew()).toBe(0);
    api.tracker.clock.advance(20_000);
    const atOnce = await Promise.all(Array.from({ length: 8 }, renew));
    expect(atOnce.filter((found) => found === 1500)).toHaveLength(1);
  });

  test('costs more to list than to look up by one info-hash', async () => {
    const limits = { requestsPerSecond: 1, requestBurst: 80 };
    await using api = await TestApi.start({ trustedProxies: ['127.0.0.1'], limits });
    expect((await api.call('POST', seeders, registration(1, many))).status).toBe(201);
    const statuses = async (path: string, host: string): Promise<number[]> => {
      const headers = { 'x-forwarded-for': host };
      const found: number[] = [];
      for (let times = 0; times < 4; times += 1) {
        const answer = await api.tracker.fetch(path, { headers });
        await answer.text();
        found.push(answer.status);
      }
      return found;
    };
    expect(await statuses('/api/v1/torrents?limit=1', '192.0.2.1')).toEqual([200, 200, 200, 200]);
    expect(await statuses('/api/v1/torrents', '192.0.2.2')).toEqual([200, 200, 429, 429]);
    // They have the same name and size, and all of them are looked at.
    expect(await statuses('/api/v1/torrents?limit=1&name=one.txt&size=22', '192.0.2.3')).toEqual([
      200, 200, 429, 429,
    ]);
  });
});

import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createToken, revokeToken } from '../../src/tracker/index.ts';
import { tempFolder } from '../support/index.ts';
import { registration, TestApi } from '../support/tracker/test-api.ts';
import { testTorrent } from '../support/tracker/torrents.ts';

const SEEDERS = '/api/v1/seeders';

/** Registers by a request that a proxy on this machine has passed on. */
function registerThroughProxy(api: TestApi, header: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', [header]: '192.0.2.1' };
  const init = { method: 'POST', body: JSON.stringify(registration(1)), headers };
  return api.tracker.fetch(SEEDERS, init);
}

describe('POST /api/v1/seeders without tokens', () => {
  test.each(['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP', 'X-Forwarded-Host'])(
    'is taken from programs on this machine, and refused with the header %s',
    async (header) => {
      await using api = await TestApi.start();
      await api.register(1);
      const answer = await registerThroughProxy(api, header);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(await answer.json()).toMatchObject({
        detail: expect.stringContaining('`shoal token create --scope register`'),
      });
    },
  );

  test('is taken from everybody where registration is open', async () => {
    await using api = await TestApi.start({ openRegistration: true });
    expect((await registerThroughProxy(api, 'Forwarded')).status).toBe(201);
  });
});

describe('POST /api/v1/seeders with tokens', () => {
  test('needs a token whose scope is register', async () => {
    await using folder = await tempFolder();
    const tokens = folder.join('tokens');
    const { text } = await createToken(tokens, { scopes: ['register'] });
    const { text: other } = await createToken(tokens, { scopes: ['announce'] });
    await using api = await TestApi.start({ tokens });
    const refused = (token?: string) => api.problem('POST', SEEDERS, registration(1), token);
    expect(await refused()).toMatchObject({ status: 401 });
    expect(await refused('x')).toMatchObject({ status: 401 });
    expect(await refused(other)).toMatchObject({
      status: 403,
      detail: expect.stringContaining('this one is for announce'),
    });
    const { id, token } = await api.registerBy(text, 1);
    expect((await api.call('PUT', `${SEEDERS}/${id}`, undefined, token)).status).toBe(200);
    expect((await api.call('PUT', `${SEEDERS}/${id}`, undefined, text)).status).toBe(403);
    expect((await api.call('DELETE', `${SEEDERS}/${id}`, undefined, token)).status).toBe(204);
  });

  test('makes a registration that ends with its token', async () => {
    await using folder = await tempFolder();
    const tokens = folder.join('tokens');
    const granted = await createToken(tokens, { scopes: ['register'] });
    await using api = await TestApi.start({ tokens });
    const { id, token } = await api.registerBy(granted.text, 1, testTorrent('a'));
    await revokeToken(tokens, granted.token.id);
    api.tracker.tracker.reload({});
    const renew = async () => (await api.call('PUT', `${SEEDERS}/${id}`, undefined, token)).status;
    await expect.poll(renew, { timeout: 10_000 }).toBe(403);
    expect(await api.get(SEEDERS)).toMatchObject({ total: 1 });
    api.tracker.clock.advance(1000);
    await expect.poll(() => api.get(SEEDERS), { timeout: 10_000 }).toMatchObject({ total: 0 });
    expect(await api.peersOf(testTorrent('a').registered.infoHash)).toBe(0);
  });

  test('makes a registration that ends within a second of the end of its token, with no renewal', async () => {
    await using folder = await tempFolder();
    const tokens = folder.join('tokens');
    const expires = new Date(Date.now() + 30_000);
    const granted = await createToken(tokens, { scopes: ['register'], expires });
    await using api = await TestApi.start({ tokens });
    await api.registerBy(granted.text, 1, testTorrent('a'));
    api.tracker.clock.advance(20_000);
    expect(await api.get(SEEDERS)).toMatchObject({ total: 1 });
    api.tracker.clock.advance(11_000);
    await expect.poll(() => api.get(SEEDERS), { timeout: 10_000 }).toMatchObject({ total: 0 });
  });
});

describe('PUT /api/v1/seeders/{id} when limits have been lowered', () => {
  const [one, two, three] = [testTorrent('one'), testTorrent('two'), testTorrent('three')];

  test('takes a new list of a registered seeder, which may not be longer than the last', async () => {
    await using api = await TestApi.start();
    const { id, token } = await api.register(1, one, two);
    await api.register(2);
    api.tracker.tracker.reload({ limits: { seeders: 1, holdings: 1 } });
    const renew = (...torrents: (typeof one)[]) =>
      api.call(
        'PUT',
        `${SEEDERS}/${id}`,
        registration(
          1,
          torrents.map(({ registered }) => registered),
        ),
        token,
      );
    expect((await renew(two, three)).status).toBe(200);
    expect((await renew(one, two, three)).status).toBe(507);
    expect(await api.get('/api/v1/torrents')).toMatchObject({
      torrents: [{ name: 'two' }, { name: 'three' }],
    });
    expect((await api.problem('POST', SEEDERS, registration(3))).status).toBe(507);
  });

  test('takes torrents off the list that are on the deny list by now', async () => {
    await using folder = await tempFolder();
    const denyList = folder.join('deny');
    await writeFile(denyList, '');
    await using api = await TestApi.start({ denyList });
    const { id, token } = await api.register(1, one, two, three);
    await api.register(2);
    await writeFile(denyList, `${one.registered.infoHash}\n`);
    api.tracker.tracker.reload({ limits: { seeders: 1, holdings: 1 } });
    await expect.poll(() => api.peersOf(one.registered.infoHash), { timeout: 10_000 }).toBe(0);
    const answer = await api.call('PUT', `${SEEDERS}/${id}`, undefined, token);
    expect(await answer.json()).toMatchObject({ refused: [one.registered.infoHash] });
    expect(await api.get('/api/v1/torrents')).toMatchObject({
      torrents: [{ name: 'two' }, { name: 'three' }],
    });
    expect(await api.peersOf(two.registered.infoHash)).toBe(1);
  });
});

describe('POST /api/v1/seeders with lists of info-hashes', () => {
  const [good, bad] = [testTorrent('good', 'hybrid'), testTorrent('bad', 'hybrid')];

  test('takes the torrents that are allowed, and names the others', async () => {
    await using folder = await tempFolder();
    const denyList = folder.join('deny');
    await writeFile(denyList, `${bad.registered.infoHashV2!}\n`);
    await using api = await TestApi.start({ denyList });
    const { refused } = await api.register(1, good, bad);
    expect(refused).toEqual([bad.registered.infoHash]);
    expect(await api.get('/api/v1/torrents')).toMatchObject({ total: 1, torrents: [{ name: 'good' }] });
    expect(await api.peersOf(good.registered.infoHash)).toBe(1);
    expect(await api.peersOf(bad.registered.infoHash)).toBe(0);
  });

  test('drops, with the next renewal, a torrent that was put on the deny list', async () => {
    await using folder = await tempFolder();
    const denyList = folder.join('deny');
    await writeFile(denyList, '');
    await using api = await TestApi.start({ denyList });
    const { id, token, refused } = await api.register(1, good, bad);
    expect(refused).toBeUndefined();
    expect(await api.peersOf(bad.registered.infoHash)).toBe(1);
    await writeFile(denyList, `${bad.registered.infoHash}\n`);
    api.tracker.tracker.reload({});
    await expect.poll(() => api.peersOf(bad.registered.infoHash), { timeout: 10_000 }).toBe(0);
    const answer = await api.call('PUT', `${SEEDERS}/${id}`, undefined, token);
    expect(await answer.json()).toMatchObject({ refused: [bad.registered.infoHash] });
    expect(await api.get('/api/v1/torrents')).toMatchObject({ total: 1, torrents: [{ name: 'good' }] });
    expect(await api.peersOf(good.registered.infoHash)).toBe(1);
    const again = await api.call('PUT', `${SEEDERS}/${id}`, undefined, token);
    expect(await again.json()).not.toHaveProperty('refused');
  });
});

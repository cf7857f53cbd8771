import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Disposables, hasPeer, type RedisServer, requirePeers, startRedis } from '../support/index.ts';
import { RedisDamage } from '../support/tracker/redis-damage.ts';
import { registration, TestApi } from '../support/tracker/test-api.ts';
import { announceQuery } from '../support/tracker/test-tracker.ts';
import { testTorrent } from '../support/tracker/torrents.ts';

const [one, two] = [testTorrent('one'), testTorrent('two')];
const SEEDERS = '/api/v1/seeders';

/** The server and the tracker that all tests here share. */
interface Shared {
  readonly redis: RedisServer;
  readonly damage: RedisDamage;
  readonly api: TestApi;
}

const owned = new Disposables();
let shared: Shared;

beforeAll(async () => {
  if (!hasPeer('redis')) return;
  const redis = owned.use(await startRedis());
  const api = owned.use(await TestApi.start({ redis: { url: redis.url } }));
  const damage = owned.use(await RedisDamage.open(redis.url));
  shared = { redis, damage, api };
});
afterAll(() => owned[Symbol.asyncDispose]());
beforeEach((context) => requirePeers(context, 'redis'));

/** Damages, one after the other, the keys that two seeders make, and runs a check after each. A failure names the key. */
async function eachDamage(
  how: string,
  check: (api: TestApi, seeder: { readonly id: string; readonly token: string }) => Promise<void>,
): Promise<string[]> {
  const { redis, damage, api } = shared;
  const keys: string[] = [];
  for (let at = 1; ; at += 1) {
    await redis.flush();
    const seeder = await api.register(1, one, two);
    await api.register(2, two);
    const key = await damage.damageKey(how, at);
    if (key === undefined) return keys;
    keys.push(key);
    try {
      await check(api, seeder);
    } catch (cause) {
      throw new Error(`With ${key} ${how}`, { cause });
    }
  }
}

describe('a tracker on a Redis in which one key', () => {
  test.each(['is gone', 'is of another kind', 'is full of rubbish', 'is full of numbers beyond all limits'])(
    '%s answers every call, registers others and serves peers',
    async (what) => {
      const keys = await eachDamage(what.replace('is ', ''), async (api, { id, token }) => {
        expect((await api.call('GET', '/healthz')).status).toBe(200);
        const { infoHash, sha256 } = one.registered;
        const paths = [
          ...['/metrics', '/api/v1/stats', SEEDERS, `${SEEDERS}/${id}`, '/api/v1/torrents'],
          `/api/v1/torrents/${infoHash}`,
          `/api/v1/torrents?name=one&sha256=${sha256}`,
        ];
        const answers = await Promise.all(paths.map((path) => api.call('GET', path)));
        for (const [at, { status }] of answers.entries()) expect(status, paths[at]).toBeLessThan(500);
        const announced = await api.tracker.fetch(`/announce?${announceQuery(1)}`);
        expect(await announced.text()).not.toContain('failure');
        await api.register(3, one);
        expect((await api.call('PUT', `${SEEDERS}/${id}`, undefined, token)).status).toBeLessThan(500);
        expect((await api.call('DELETE', `${SEEDERS}/${id}`, undefined, token)).status).toBeLessThan(500);
      });
      expect(keys.length).toBeGreaterThan(20);
    },
  );

  test('is full of rubbish has everything back once its seeder has renewed, or has registered again when told to', async () => {
    await eachDamage('full of rubbish', async (api, { id, token }) => {
      const body = registration(1, [one.registered, two.registered]);
      const { status } = await api.call('PUT', `${SEEDERS}/${id}`, undefined, token);
      expect([200, 404]).toContain(status);
      if (status === 404) expect((await api.call('POST', SEEDERS, body)).status).toBe(201);
      const found = await api.get<{ heldBy: object[] }>(`/api/v1/torrents/${one.registered.infoHash}`);
      expect(found.heldBy).toHaveLength(1);
      expect(await api.peersOf(one.registered.infoHash)).toBe(1);
    });
  });
});

test.each([
  ['is full', ['config', 'set', 'maxmemory', '1'], ['config', 'set', 'maxmemory', '0']],
  ['is a replica', ['replicaof', '127.0.0.1', '1'], ['replicaof', 'no', 'one']],
])(
  'a tracker on a Redis that %s answers a registration with 503, and takes it later',
  async (_what, begin, end) => {
    const { redis, api } = shared;
    const body = registration(7, [one.registered]);
    await redis.cli(...begin);
    try {
      expect((await api.call('POST', SEEDERS, body)).status).toBe(503);
      expect((await api.call('GET', '/healthz')).status).toBe(200);
    } finally {
      await redis.cli(...end);
    }
    const others = api.tracker.errors.splice(0).filter((told) => !told.includes('Redis does not answer'));
    expect(others).toEqual([]);
    expect((await api.call('POST', SEEDERS, body)).status).toBe(201);
  },
);

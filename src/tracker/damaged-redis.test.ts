import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  Disposables,
  hasPeer,
  type RedisServer,
  requirePeers,
  startRedis,
} from '../../test/support/index.ts';
import { registration, TestApi } from '../../test/support/tracker/test-api.ts';
import { announceQuery } from '../../test/support/tracker/test-tracker.ts';
import { testTorrent } from '../../test/support/tracker/torrents.ts';
import { systemClock } from '../util/index.ts';
import { parseRedisAddress, RedisConnection, script } from './redis/index.ts';

const [one, two] = [testTorrent('one'), testTorrent('two')];
const SEEDERS = '/api/v1/seeders';

/** Damages the key of that number, in the order of their names: ARGV[1] is how. Gives its name; nothing behind the last. */
const DAMAGE = script(`
local keys = redis.call('KEYS', '*')
table.sort(keys)
local key = keys[tonumber(ARGV[2])]
if not key then return false end
local kind = redis.call('TYPE', key).ok
if ARGV[1] == 'gone' then redis.call('DEL', key)
elseif ARGV[1] == 'of another kind' then
  redis.call('DEL', key)
  if kind == 'string' then redis.call('HSET', key, 'a', 'b') else redis.call('SET', key, 'rubbish') end
elseif ARGV[1] == 'full of numbers beyond all limits' then
  local function beyond(text)
    if tonumber(text) then return '1e400' end
    return (string.gsub(text, '(":)%d+', '%11e400'))
  end
  if kind == 'string' then redis.call('SET', key, '1e300')
  elseif kind == 'set' then redis.call('SADD', key, '1e400')
  elseif kind == 'zset' then
    for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZADD', key, '+inf', member) end
  else
    for _, field in ipairs(redis.call('HKEYS', key)) do
      local value = redis.call('HGET', key, field)
      local isRead, fields = pcall(cmsgpack.unpack, value)
      if isRead and type(fields) == 'table' then
        for at = 2, #fields do fields[at] = beyond(fields[at]) end
        value = cmsgpack.pack(fields)
      else value = beyond(value) end
      redis.call('HSET', key, field, value)
    end
  end
elseif kind == 'hash' then
  for _, field in ipairs(redis.call('HKEYS', key)) do redis.call('HSET', key, field, 'rubbish') end
elseif kind == 'zset' then redis.call('ZADD', key, 1, 'rubbish')
elseif kind == 'set' then redis.call('SADD', key, 'rubbish')
else redis.call('SET', key, 'rubbish') end
return key
`);

/** The server that all tests here share. */
interface Shared {
  readonly redis: RedisServer;
  readonly connection: RedisConnection;
  readonly api: TestApi;
}

const owned = new Disposables();
let shared: Shared;

beforeAll(async () => {
  if (!hasPeer('redis')) return;
  const redis = owned.use(await startRedis());
  const api = owned.use(await TestApi.start({ redis: { url: redis.url } }));
  const connection = await RedisConnection.open({
    address: parseRedisAddress(redis.url),
    clock: systemClock,
    report: (error, context) => console.error(`Could not ${context}:`, error),
    notice: console.log,
  });
  owned.defer(() => connection.close());
  shared = { redis, connection, api };
});
afterAll(() => owned[Symbol.asyncDispose]());
beforeEach((context) => requirePeers(context, 'redis'));

/** Damages one key after the other of what two seeders make, and runs a check after each; prints its name if that fails. */
async function eachDamage(
  how: string,
  check: (api: TestApi, seeder: { readonly id: string; readonly token: string }) => Promise<void>,
): Promise<string[]> {
  const { redis, connection, api } = shared;
  const keys: string[] = [];
  for (let at = 1; ; at += 1) {
    await redis.flush();
    const seeder = await api.register(1, one, two);
    await api.register(2, two);
    const damaged = (await connection.run(DAMAGE, 'any', [how, at])) as Buffer | null;
    if (damaged === null) return keys;
    const key = damaged.toString();
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

  test('was damaged has all again when its seeder has renewed, and has registered again if it was told to', async () => {
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

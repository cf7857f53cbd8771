import { parseRedisAddress, RedisConnection, script } from '../../../src/tracker/redis/index.ts';
import { systemClock } from '../../../src/util/index.ts';

/**
 * Damages the key with the number ARGV[2], in the order of the keys' names, in the way that ARGV[1] says. Returns the name of
 * the key, or nil when there are fewer keys.
 */
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

/** Damages what a tracker has written into a Redis, key by key. */
export class RedisDamage implements AsyncDisposable {
  readonly #connection: RedisConnection;

  private constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  static async open(url: string): Promise<RedisDamage> {
    const connection = await RedisConnection.open({
      address: parseRedisAddress(url),
      clock: systemClock,
      report: (error, context) => console.error(`Could not ${context}:`, error),
      notice: console.log,
    });
    return new RedisDamage(connection);
  }

  /**
   * Damages one key.
   *
   * @param how `gone`, `of another kind`, `full of rubbish` or `full of numbers beyond all limits`
   * @param number of the key in the order of the keys' names, from 1
   * @returns the name of the key; `undefined` when there are fewer keys
   */
  async damageKey(how: string, number: number): Promise<string | undefined> {
    const damaged = (await this.#connection.run(DAMAGE, 'any', [how, number])) as Buffer | null;
    return damaged?.toString();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection.close();
  }
}

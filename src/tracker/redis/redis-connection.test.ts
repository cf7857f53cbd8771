import { beforeEach, describe, expect, test } from 'vitest';
import { requirePeers, startRedis } from '../../../test/support/index.ts';
import { systemClock } from '../../util/index.ts';
import { parseRedisAddress } from './redis-address.ts';
import { MAX_REDIS_CALLS, RedisConnection } from './redis-connection.ts';
import { script } from './script.ts';

const ONE = script('return 1');

beforeEach((context) => requirePeers(context, 'redis'));

/** Opens a connection, with a promise that resolves when it has noticed that Redis does not answer. */
async function connect(url: string): Promise<{ connection: RedisConnection; away: Promise<Error> }> {
  let report: (error: Error) => void = () => {};
  const away = new Promise<Error>((resolve) => {
    report = resolve;
  });
  const address = parseRedisAddress(url);
  const connection = await RedisConnection.open({ address, clock: systemClock, report, notice: () => {} });
  return { connection, away };
}

describe('RedisConnection.stats()', () => {
  test('stats() counts the calls that failed while Redis was away, and no attempts to connect', async () => {
    await using redis = await startRedis();
    const { connection, away } = await connect(redis.url);
    try {
      expect(await connection.run(ONE, 'x', [])).toBe(1);
      await redis.kill();
      expect(await away).toMatchObject({ code: 'STORE_AWAY' });
      expect(connection.stats()).toEqual({ waiting: 0, failed: 0 });
      await expect(connection.run(ONE, 'x', [])).rejects.toMatchObject({ code: 'STORE_AWAY' });
      expect(connection.stats()).toEqual({ waiting: 0, failed: 1 });
    } finally {
      await connection.close();
    }
  });

  test('stats() counts a call that is refused as too many wait', async () => {
    await using redis = await startRedis();
    const { connection } = await connect(redis.url);
    try {
      await connection.run(ONE, 'x', []);
      const calls = Array.from({ length: MAX_REDIS_CALLS + 1 }, () => connection.run(ONE, 'x', []));
      const failed = (await Promise.allSettled(calls)).flatMap((result) =>
        result.status === 'rejected' ? [result.reason as unknown] : [],
      );
      expect(failed).toMatchObject([{ code: 'STORE_BUSY' }]);
      expect(connection.stats()).toEqual({ waiting: 0, failed: 1 });
    } finally {
      await connection.close();
    }
  });
});

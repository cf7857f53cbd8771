import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { parseRedisAddress, RedisConnection } from '../../../src/tracker/redis/index.ts';
import { systemClock } from '../../../src/util/index.ts';
import {
  Disposables,
  hasPeer,
  PATIENCE_MS,
  type RedisServer,
  requirePeers,
  startRedis,
  startRedisCluster,
} from '../index.ts';

/** Gives a connection to a Redis that has nothing in it. */
export type EmptyRedis = () => Promise<RedisConnection>;

/** Runs the same tests on one server and on a cluster of three. */
export function describeOnRedis(tests: (emptyRedis: EmptyRedis, isCluster: boolean) => void): void {
  describe.each(['one server', 'a cluster'] as const)('on %s', (kind) => {
    const owned = new Disposables();
    let nodes: readonly RedisServer[];
    let connection: RedisConnection;

    beforeAll(async () => {
      if (!hasPeer('redis')) return;
      let url: string;
      if (kind === 'a cluster') ({ nodes, url } = owned.use(await startRedisCluster()));
      else {
        const server = owned.use(await startRedis());
        [nodes, url] = [[server], server.url];
      }
      connection = await RedisConnection.open({
        address: parseRedisAddress(url),
        clock: systemClock,
        report: (error, context) => console.error(`Could not ${context}:`, error),
        notice: console.log,
        // A machine that is busy with other tests is no fault of the store.
        callTimeout: PATIENCE_MS,
      });
      owned.use({ [Symbol.asyncDispose]: () => connection.close() });
    });
    afterAll(() => owned[Symbol.asyncDispose]());
    beforeEach((context) => requirePeers(context, 'redis'));

    tests(async () => {
      await Promise.all(nodes.map((node) => node.flush()));
      return connection;
    }, kind === 'a cluster');
  });
}

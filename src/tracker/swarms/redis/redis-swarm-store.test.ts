import { describeOnRedis } from '../../testing/on-redis.ts';
import { describeSwarmStore } from '../swarm-store-conformance.ts';
import { RedisSwarmStore } from './redis-swarm-store.ts';

describeOnRedis((emptyRedis) =>
  describeSwarmStore(
    'RedisSwarmStore',
    async (options) => new RedisSwarmStore({ connection: await emptyRedis(), times: 'caller', ...options }),
    { isBounded: false, numRuns: 8 },
  ),
);

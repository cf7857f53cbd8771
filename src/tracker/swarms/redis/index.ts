export {
  checkRedisPrefix,
  DEFAULT_REDIS_PREFIX,
  type RedisSwarmLimits,
  RedisSwarmStore,
  type RedisSwarmStoreOptions,
} from './redis-swarm-store.ts';

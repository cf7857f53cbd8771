export {
  checkRedisPrefix,
  DEFAULT_REDIS_PREFIX,
  MAX_REDIS_SWARM_PEERS,
  type RedisSwarmLimits,
  RedisSwarmStore,
  type RedisSwarmStoreOptions,
} from './redis-swarm-store.ts';

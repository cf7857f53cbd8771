export { parseRedisAddress, type RedisAddress } from './redis-address.ts';
export {
  type RedisArgument,
  type RedisCalls,
  RedisConnection,
  type RedisConnectionOptions,
} from './redis-connection.ts';
export { type Script, script } from './script.ts';

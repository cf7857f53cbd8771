/**
 * The tracker, which knows the peers of each swarm and the torrents of registered seeders.
 *
 * @module
 */

export { checkTrackerOptions, type OptionFault } from './check-options.ts';
export { createTracker, type Tracker } from './create-tracker.ts';
export { TrackerStartError } from './errors/index.ts';
export type { TlsOptions } from './frontends/index.ts';
export {
  AccessFileError,
  type AccessStats,
  type AccessToken,
  createToken,
  isInForce,
  MAX_TOKEN_NAME,
  type NewToken,
  readInfoHashList,
  readTokens,
  revokeToken,
  TOKEN_SCOPES,
  type TokenScope,
} from './guard/access/index.ts';
export type { TrackerStats } from './metrics/index.ts';
export { DEFAULT_ANNOUNCE_INTERVAL, DEFAULT_SEEDER_EXPIRY, type TrackerLimits } from './settings.ts';
export type { RedisOptions, TrackerOptions } from './tracker-options.ts';
export type { TrackerRules } from './tracker-rules.ts';

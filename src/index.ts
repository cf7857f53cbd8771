/**
 * Shoal as a library: getting files, and offering them. The tracker is at `shoal/tracker`.
 *
 * @module
 */
export {
  type GetChoice,
  GetError,
  type GetErrorCode,
  type GetErrorOptions,
  type GetOptions,
  type GetPhase,
  type GetProgress,
  type GetResult,
  get,
  type Situation,
  type TrackerSummary,
} from './client/index.ts';
export { NetworkError } from './net/index.ts';
export {
  createSeeder,
  type SeededTorrent,
  type Seeder,
  SeederError,
  type SeederErrorCode,
  type SeederOptions,
  type TorrentWithData,
} from './seeder/index.ts';
export type { RateLimits } from './session/index.ts';
export type { PeerEnd, PeerSummary } from './swarm/index.ts';
export { type Address, ArgumentError, type ReportError, ShoalError } from './util/index.ts';

import { ShoalError } from '../util/index.ts';

/**
 * - `USAGE` the options do not say what to get, or contradict each other
 * - `NOT_FOUND` the tracker knows nobody who has it
 * - `TIMED_OUT` the deadline passed
 * - `MISMATCH` what was downloaded is not what was asked for
 * - `BAD_TORRENT` the torrent cannot be read
 * - `DISK` the output cannot be written: full, not permitted, in the way
 * - `UNREACHABLE` no tracker and no peer could be reached
 * - `ABORTED` the signal, for another reason than time
 */
export type GetErrorCode =
  | 'USAGE'
  | 'NOT_FOUND'
  | 'TIMED_OUT'
  | 'MISMATCH'
  | 'BAD_TORRENT'
  | 'DISK'
  | 'UNREACHABLE'
  | 'ABORTED';

/** Why there is no file. Nothing stands under the output's name then that was not there before. */
export class GetError extends ShoalError<GetErrorCode> {}

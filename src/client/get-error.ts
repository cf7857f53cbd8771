import { ShoalError } from '../util/index.ts';
import type { Situation } from './situation.ts';

/**
 * - `USAGE` the options do not say what to get, or contradict each other
 * - `NOT_FOUND` the tracker knows nobody who has it
 * - `TIMED_OUT` the deadline passed
 * - `MISMATCH` what was downloaded is not what was asked for
 * - `BAD_TORRENT` the torrent cannot be read
 * - `DISK` the output cannot be written: full, not permitted, in the way
 * - `UNREACHABLE` no tracker and no peer could be reached
 * - `ABORTED` the signal, for another reason than time
 * - `CALLBACK_FAILED` a callback given to `get` threw; `cause` is what
 * - `RENAMED` a warning: some files get other names on this disk than in the torrent
 * - `SEVERAL_FIT` a warning: seeders have registered several different files that fit; `choices` are they, the one that is
 *   taken first
 */
export type GetErrorCode =
  | 'USAGE'
  | 'NOT_FOUND'
  | 'TIMED_OUT'
  | 'MISMATCH'
  | 'BAD_TORRENT'
  | 'DISK'
  | 'UNREACHABLE'
  | 'ABORTED'
  | 'CALLBACK_FAILED'
  | 'RENAMED'
  | 'SEVERAL_FIT';

/** One of several torrents that fit what was asked for. */
export interface GetChoice {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The SHA-256 of the whole file, in hex; absent for a torrent of several files. */
  readonly sha256?: string | undefined;
  /** 40 hex digits. */
  readonly infoHash: string;
  /** The number of registered seeders that have it. */
  readonly seeders: number;
}

export interface GetErrorOptions {
  readonly cause?: unknown;
  readonly choices?: readonly GetChoice[];
  readonly situation?: Situation;
}

/** Why there is no file. Nothing stands under the output's name then that was not there before. */
export class GetError extends ShoalError<GetErrorCode> {
  /** With `SEVERAL_FIT`, the torrents that fit: the same call with the `sha256` or `infoHash` of one of them gets it. */
  readonly choices: readonly GetChoice[];
  /**
   * The peers and trackers it could ask, and why none answered, when it ended while it downloaded: with `TIMED_OUT` and
   * `UNREACHABLE`.
   */
  readonly situation?: Situation;

  constructor(code: GetErrorCode, message: string, { cause, choices = [], situation }: GetErrorOptions = {}) {
    super(code, message, { cause });
    this.choices = choices;
    if (situation !== undefined) this.situation = situation;
  }
}

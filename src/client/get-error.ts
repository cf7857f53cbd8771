import { ShoalError } from '../util/index.ts';
import type { Situation } from './situation.ts';

/**
 * The kinds of failure of a {@link get}:
 *
 * - `USAGE`: the options do not say which file to get, or contradict each other
 * - `NOT_FOUND`: the tracker knows no seeder that has the file
 * - `TIMED_OUT`: the deadline has passed
 * - `STALLED`: nothing has come for too long
 * - `MISMATCH`: the torrent or the downloaded file is not the wanted one
 * - `BAD_TORRENT`: the torrent cannot be read
 * - `DISK`: the output cannot be written: the disk is full, permission is missing, or something is in the way
 * - `UNREACHABLE`: no tracker and no peer could be reached
 * - `ABORTED`: the signal has aborted for another reason than time
 * - `CALLBACK_FAILED`: a callback given to `get` has thrown; `cause` is its error
 * - `RENAMED`: a warning that some files get other names on this disk than in the torrent
 * - `NOT_KEPT`: a warning that this disk cannot hold some links or modes of a folder
 * - `EXTRA_FILES`: a warning that a folder has things in it that are not of the torrent
 * - `SEVERAL_FIT`: a warning that several different files fit; `choices` lists them, with the chosen one first
 */
export type GetErrorCode =
  | 'USAGE'
  | 'NOT_FOUND'
  | 'TIMED_OUT'
  | 'STALLED'
  | 'MISMATCH'
  | 'BAD_TORRENT'
  | 'DISK'
  | 'UNREACHABLE'
  | 'ABORTED'
  | 'CALLBACK_FAILED'
  | 'RENAMED'
  | 'NOT_KEPT'
  | 'EXTRA_FILES'
  | 'SEVERAL_FIT';

/** One of several torrents that fit a query. */
export interface GetChoice {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The SHA-256 of the whole file, in hex; `undefined` for a folder. */
  readonly sha256?: string | undefined;
  /** The content id of a folder, in hex; `undefined` for a file, and for a folder that has none. */
  readonly contentId?: string | undefined;
  /** The number of files of a folder; `undefined` for a file, and when it is unknown. */
  readonly files?: number | undefined;
  /** The info-hash, 40 hex digits. */
  readonly infoHash: string;
  /** The number of registered seeders that have it. */
  readonly seeders: number;
}

export interface GetErrorOptions {
  readonly cause?: unknown;
  readonly choices?: readonly GetChoice[];
  readonly situation?: Situation;
}

/** The error of a {@link get} that has failed, and of its warnings. After a failure the output is as it was before. */
export class GetError extends ShoalError<GetErrorCode> {
  /** With `SEVERAL_FIT`, the torrents that fit. Repeat the call to get one, with its `sha256` or `contentId` as the `id`, or with its `infoHash`. */
  readonly choices: readonly GetChoice[];
  /**
   * The peers and trackers that could be asked, and why none answered; with `TIMED_OUT`, `STALLED` and `UNREACHABLE` if it had
   * begun to download.
   */
  readonly situation?: Situation;

  constructor(code: GetErrorCode, message: string, { cause, choices = [], situation }: GetErrorOptions = {}) {
    super(code, message, { cause });
    this.choices = choices;
    if (situation !== undefined) this.situation = situation;
  }
}

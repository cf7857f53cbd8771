import { HashingError } from '../hashing/index.ts';
import { MetainfoError } from '../metainfo/index.ts';
import { isTimeout, ShoalError, toError } from '../util/index.ts';
import { firstOf } from './first-of.ts';

/**
 * The kinds of failure of a seeder:
 *
 * - `USAGE`: no file, folder or torrent is given, or an option is wrong
 * - `NO_FILES`: there is no file in the given folders
 * - `MISMATCH`: the files are not those of the torrent
 * - `BAD_TORRENT`: the torrent cannot be read, or a file has a name that no torrent may have
 * - `LINK_OUTSIDE`: a symbolic link leads out of the folder that is offered as one
 * - `DISK`: a file cannot be read, or has changed while it was read
 * - `CHANGED`: files that were seeded are gone or have changed
 * - `REFUSED`: a warning that the tracker does not serve some of the torrents; the others are seeded
 * - `RENAMED`: a warning that files whose names are not UTF-8 are offered under other names
 * - `UNREACHABLE`: a warning that the tracker could not connect to the seeder, so that others probably cannot either
 * - `NO_CACHE`: a warning that the folder of the hash cache cannot be used, so that all files are read at the next start
 * - `UNANNOUNCED`: a warning that a torrent names no tracker and none is given, so that no peer will learn of it
 * - `CALLBACK_FAILED`: the callback `onHashing` has thrown, or its promise has rejected; `cause` is its error
 * - `ABORTED`: the signal has aborted while files were read; `cause` is its reason
 * - `TIMED_OUT`: the same when the signal is one of `AbortSignal.timeout()`
 * - `CLOSED`: the seeder was closed before the tracker has accepted its list
 */
export type SeederErrorCode =
  | 'USAGE'
  | 'NO_FILES'
  | 'MISMATCH'
  | 'BAD_TORRENT'
  | 'LINK_OUTSIDE'
  | 'DISK'
  | 'CHANGED'
  | 'REFUSED'
  | 'RENAMED'
  | 'UNREACHABLE'
  | 'NO_CACHE'
  | 'UNANNOUNCED'
  | 'CALLBACK_FAILED'
  | 'ABORTED'
  | 'TIMED_OUT'
  | 'CLOSED';

/** The error of a seeder that cannot start, and of warnings while it runs. */
export class SeederError extends ShoalError<SeederErrorCode> {
  /** The file or folder at fault; `undefined` when there is none, or several. */
  readonly path?: string;
  /** One error for each of several files that cannot be offered; empty otherwise. */
  readonly failures: readonly SeederError[];

  constructor(
    code: SeederErrorCode,
    message: string,
    options: { path?: string; cause?: unknown; failures?: readonly SeederError[] } = {},
  ) {
    super(code, message, 'cause' in options ? { cause: options.cause } : {});
    if (options.path !== undefined) this.path = options.path;
    this.failures = options.failures ?? [];
  }
}

/**
 * Explains why a file or torrent cannot be offered.
 *
 * @param path its path, for an error that does not name it
 * @returns `undefined` for an error that is not about the file or torrent
 */
export function explainFailure(thrown: unknown, path?: string): SeederError | undefined {
  if (thrown instanceof SeederError) return thrown;
  const options = { cause: thrown, ...(path === undefined ? {} : { path }) };
  if (thrown instanceof MetainfoError) {
    const message = path === undefined ? thrown.message : `Cannot seed ${path}: ${thrown.message}`;
    return new SeederError('BAD_TORRENT', message, options);
  }
  if (!(thrown instanceof HashingError) || thrown.path === undefined) return undefined;
  const code = CODE_OF[thrown.code] ?? 'DISK';
  const failures = thrown.failures.flatMap((failure) => explainFailure(failure) ?? []);
  return new SeederError(code, thrown.message, { path: thrown.path, cause: thrown, failures });
}

/** Adds the first reasons to the message of an error that has several failures, for a warning, which is one line. */
export function withReasons(error: SeederError): SeederError;
export function withReasons(error: Error): Error;
export function withReasons(error: Error): Error {
  const { failures, code, path } = explainFailure(error) ?? new SeederError('DISK', error.message);
  if (failures.length === 0) return error;
  const message = `${error.message}: ${firstOf(failures.map((failure) => failure.message))}`;
  return new SeederError(code, message, { ...(path === undefined ? {} : { path }), cause: error, failures });
}

const CODE_OF: { readonly [Code in HashingError['code']]?: SeederErrorCode } = {
  NO_FILES: 'NO_FILES',
  TOO_MANY_FILES: 'USAGE',
  BAD_NAME: 'BAD_TORRENT',
  LINK_OUTSIDE: 'LINK_OUTSIDE',
};

/** Makes the error for a start that was given up because the signal aborted. @param reason the signal's reason */
export function explainAbort(reason: unknown): SeederError {
  const hasTimedOut = isTimeout(reason);
  const message = hasTimedOut ? 'The files were not read in time' : 'The start of the seeder was given up';
  return new SeederError(hasTimedOut ? 'TIMED_OUT' : 'ABORTED', message, { cause: reason });
}

/** Makes one error from those of several files. @param failures at least one */
export function nothingToOffer(failures: readonly SeederError[]): SeederError {
  const [first] = failures;
  if (failures.length === 1) return first!;
  // The code is that of a failing disk if there is one, because that is worse than an empty folder.
  const { code } = failures.find((failure) => failure.code === 'DISK') ?? first!;
  const message = `Cannot seed: none of the ${failures.length} files and folders can be offered`;
  return new SeederError(code, message, { failures, cause: toError(first).cause });
}

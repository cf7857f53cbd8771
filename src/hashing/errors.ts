import { ShoalError, systemReason } from '../util/index.ts';

/** The reasons why hashing could not be done. */
export type HashingErrorCode =
  /** The pool was closed before the work was done, or before it was asked for. */
  | 'POOL_CLOSED'
  /** A worker thread has ended or failed; `cause` says why. The pool starts another one for the next task. */
  | 'WORKER_FAILED'
  /** A file has not the size that was given, or it or the folder that it lies in was changed while it was read. */
  | 'FILE_CHANGED'
  /** A file cannot be opened or read, or is no regular file; `cause` is the system's error, if it is one. */
  | 'FILE_UNREADABLE'
  /** A file has a name that no torrent may have. */
  | 'BAD_NAME'
  /** A symbolic link leads out of the folder that it lies in. */
  | 'LINK_OUTSIDE'
  /** A folder holds no file of which a torrent could be made, or a path is neither a file nor a folder. */
  | 'NO_FILES'
  | 'TOO_MANY_FILES';
/** The error for hashing that could not be done. Content that does not match is a result, not an error. */
export class HashingError extends ShoalError<HashingErrorCode> {
  /** The file at fault, as it was given. */
  readonly path: string | undefined;
  /** One error for each of several files at fault; empty when there is one. */
  readonly failures: readonly HashingError[];

  constructor(
    code: HashingErrorCode,
    message: string,
    options?: { path?: string; cause?: unknown; failures?: readonly HashingError[] },
  ) {
    super(code, message, options);
    this.path = options?.path;
    this.failures = options?.failures ?? [];
  }
}

/** Makes the error for a file or folder that the system does not let us read. */
export function unreadable(path: string, cause: Error): HashingError {
  return new HashingError('FILE_UNREADABLE', `Cannot read ${path}: ${systemReason(cause)}`, { path, cause });
}

/** Makes one error from those of several files of a folder. @param failures at least one */
export function unusable(root: string, failures: readonly HashingError[]): HashingError {
  // The code is that of an error of the disk if there is one, because that is worse than a bad name or a link.
  const ofDisk = failures.find(({ code }) => code !== 'BAD_NAME' && code !== 'LINK_OUTSIDE');
  const { code } = ofDisk ?? failures[0]!;
  const count = failures.length === 1 ? '1 file or folder' : `${failures.length} files or folders`;
  return new HashingError(code, `Cannot make a torrent of ${root}: ${count} in it cannot be used`, {
    path: root,
    failures,
  });
}

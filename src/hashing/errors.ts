import { ShoalError } from '../util/index.ts';

export type HashingErrorCode =
  /** The pool was closed before the work was done, or before it was asked for. */
  | 'POOL_CLOSED'
  /** A worker thread ended or failed; `cause` says why. The pool starts another one for the next task. */
  | 'WORKER_FAILED'
  /** A file has another size than was given, or was written to while it was read. */
  | 'FILE_CHANGED'
  /** A file cannot be opened or read, or is no regular file; `cause` is the system's error, if it is one. */
  | 'FILE_UNREADABLE'
  /** There is nothing in a folder that a torrent could be made of. */
  | 'NO_FILES'
  | 'TOO_MANY_FILES';

/** Hashing that could not be done. That content does not match is a result, not an error. */
export class HashingError extends ShoalError<HashingErrorCode> {
  /** The file at fault, as it was given. */
  readonly path: string | undefined;

  constructor(code: HashingErrorCode, message: string, options?: { path?: string; cause?: unknown }) {
    super(code, message, options);
    this.path = options?.path;
  }
}

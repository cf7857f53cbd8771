import { FileKindError } from '../files/index.ts';
import { ShoalError, systemReason, toError } from '../util/index.ts';

/**
 * The kinds of failure of a file or folder:
 *
 * - `DISK_FULL`: no space or quota is left
 * - `NOT_WRITABLE`: permission is missing, the file system is read-only, or something is in the way
 * - `MISSING`: a file that should be there is not
 * - `CHANGED`: a file was written to or replaced since it was looked at
 * - `TOO_SHORT`: a file ends before the bytes to read
 * - `IN_USE`: another process, or another download of this process, writes it
 * - `CLOSED`: the storage was used after it was closed
 * - `IO`: the disk or the operating system failed in another way; see `cause`
 */
export type StorageErrorCode =
  | 'DISK_FULL'
  | 'NOT_WRITABLE'
  | 'MISSING'
  | 'CHANGED'
  | 'TOO_SHORT'
  | 'IN_USE'
  | 'CLOSED'
  | 'IO';

const CODE_OF_ERRNO: Readonly<Record<string, StorageErrorCode>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EFBIG: 'DISK_FULL',
  EACCES: 'NOT_WRITABLE',
  EPERM: 'NOT_WRITABLE',
  EROFS: 'NOT_WRITABLE',
  EISDIR: 'NOT_WRITABLE',
  ENOTDIR: 'NOT_WRITABLE',
  EEXIST: 'NOT_WRITABLE',
  ENOTEMPTY: 'NOT_WRITABLE',
  ELOOP: 'NOT_WRITABLE',
  ENAMETOOLONG: 'NOT_WRITABLE',
  // vfat, exfat and APFS give this error for a name that they cannot hold.
  EINVAL: 'NOT_WRITABLE',
  EILSEQ: 'NOT_WRITABLE',
  ENOENT: 'MISSING',
};

/** The error for a file or folder that could not be used as asked. */
export class StorageError extends ShoalError<StorageErrorCode> {
  readonly path: string;
  /** The reason why the path cannot be used, as a clause: `the disk is full`. */
  readonly reason: string;

  /** @param action the attempt, as a phrase: `"write to"` */
  constructor(
    code: StorageErrorCode,
    path: string,
    { action, reason, cause }: { readonly action: string; readonly reason: string; readonly cause?: unknown },
  ) {
    super(code, `Cannot ${action} ${path}: ${reason}`, { cause });
    this.path = path;
    this.reason = reason;
  }

  /**
   * Makes the error from one of Node.js, with plain words in place of the name of the system's error.
   *
   * @param action the attempt, as a phrase: `"write to"`
   */
  static from(thrown: unknown, action: string, path: string): StorageError {
    if (thrown instanceof StorageError) return thrown;
    if (thrown instanceof FileKindError) {
      return new StorageError('NOT_WRITABLE', thrown.path, { action, reason: thrown.reason, cause: thrown });
    }
    const error = toError(thrown) as NodeJS.ErrnoException;
    const code = CODE_OF_ERRNO[error.code ?? ''] ?? 'IO';
    return new StorageError(code, path, { action, reason: systemReason(error), cause: error });
  }
}

/** Does `work`, and turns an error of the system into a {@link StorageError}. @param action the attempt, as a phrase */
export async function attemptAt<T>(action: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw StorageError.from(thrown, action, path);
  }
}

import { closeSync, constants, fsyncSync, ftruncateSync, lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileVersion, fsPath, toError } from '../util/index.ts';
import { type FileKind, kindOf } from './file-kind.ts';
import { ledElsewhereError, openPatiently, type PathToOpen, pathThrough, withOpenNow } from './open-now.ts';
import { isOpenAt } from './real-path.ts';

/** The state of a file or of something else that has a name. */
export interface FoundName {
  readonly kind: FileKind;
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  /** The time of the last write to it, in nanoseconds since 1970. */
  readonly modified: bigint;
  /** The bytes that it takes on the disk. */
  readonly allocated: number;
  /** A text that is the same for all names of one file, and differs between files. */
  readonly id: string;
  /** The `fileVersion()`. */
  readonly version: string;
}

/** A file to make. */
export interface NewFile extends PathToOpen {
  /** The bytes that it has at once, which take no space. */
  readonly length: number;
  readonly mode: number;
}

/** The reason why a call failed: the fields of the system's error that are sent between threads. */
export interface SystemFailure {
  readonly message: string;
  /** The code of the system's error, such as `ENOSPC`. */
  readonly code: string | undefined;
}

/** The reason why a call failed for one of many files. */
export interface FileFailure extends SystemFailure {
  readonly index: number;
}

/**
 * Calls to the file system for many files. A call for each of them by itself would cost many times as much: a thousand
 * small files are a thousand trips to another thread.
 */
export interface ManyFiles {
  /** Looks at paths without following links; `undefined` for a name that is free or cannot be looked at. @throws the signal's reason */
  look(paths: readonly string[], signal?: AbortSignal): Promise<(FoundName | undefined)[]>;
  /** Makes files that must not be there, in folders that are. @throws {FileCallError} for the first failure; the signal's reason */
  make(files: readonly NewFile[], signal?: AbortSignal): Promise<void>;
  /** Flushes all files to the disk. @throws {FileCallError} for the first failure, after all were tried */
  flush(files: readonly PathToOpen[]): Promise<void>;
}

/** The failure of a call for one of many files. */
export class FileCallError extends Error {
  /** The index of the file in the list that was given. */
  readonly index: number;
  readonly code: string | undefined;

  constructor({ index, message, code }: FileFailure) {
    super(message);
    this.index = index;
    this.code = code;
  }
}

/** Makes the calls on this thread, which waits for the disk meanwhile. */
export const manyFilesHere: ManyFiles = {
  async look(paths, signal) {
    signal?.throwIfAborted();
    return lookNow(paths);
  },
  async make(files, signal) {
    signal?.throwIfAborted();
    throwFailure(makeFilesNow(files));
  },
  async flush(files) {
    throwFailure(flushNow(files));
  },
};

function throwFailure(failure: FileFailure | undefined): void {
  if (failure !== undefined) throw new FileCallError(failure);
}

/** Takes from a system's error what is sent between threads. */
export function systemFailureOf(thrown: unknown): SystemFailure {
  const { message, code } = toError(thrown) as NodeJS.ErrnoException;
  return { message, code };
}

/** Names the failure for a file of a list. */
export function failureOf(index: number, thrown: unknown): FileFailure {
  return { index, ...systemFailureOf(thrown) };
}

/** Does `ManyFiles.look()` on this thread. */
export function lookNow(paths: readonly string[]): (FoundName | undefined)[] {
  return paths.map((path) => {
    try {
      const stats = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
      return (
        stats && {
          kind: kindOf(stats),
          mode: Number(stats.mode),
          size: Number(stats.size),
          modified: stats.mtimeNs,
          allocated: Number(stats.blocks) * 512,
          id: `${stats.dev}:${stats.ino}`,
          version: fileVersion(stats),
        }
      );
    } catch {
      return undefined;
    }
  });
}

/** Does `ManyFiles.flush()` on this thread. @returns the first failure */
export function flushNow(files: readonly PathToOpen[]): FileFailure | undefined {
  let failure: FileFailure | undefined;
  for (const [index, file] of files.entries()) {
    try {
      withOpenNow(file, constants.O_RDWR | constants.O_NOFOLLOW, fsyncSync);
    } catch (thrown) {
      failure ??= failureOf(index, thrown);
    }
  }
  return failure;
}

/** Does `ManyFiles.make()` on this thread. @returns the failure of the first file that could not be made; the next are not tried */
export function makeFilesNow(files: readonly NewFile[]): FileFailure | undefined {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
  const folder = new FolderOfNewFiles();
  try {
    for (const [index, file] of files.entries()) {
      try {
        const at = folder.pathOf(file);
        withOpenNow(file, flags, (fd) => (file.length > 0 ? ftruncateSync(fd, file.length) : undefined), {
          mode: file.mode,
          at,
        });
      } catch (thrown) {
        return failureOf(index, thrown);
      }
    }
    return undefined;
  } finally {
    folder.close();
  }
}

/** The folder in which files are made. It is open meanwhile, so that no link that takes its place can lead a new file elsewhere. */
class FolderOfNewFiles {
  #realPath: string | undefined;
  #fd: number | undefined;
  #through = '';

  /** Names the path at which a file is made. @throws the system's error, and ELOOP when a link has taken the place of its folder */
  pathOf({ path, realPath }: NewFile): string {
    // Windows cannot open folders.
    if (realPath === undefined || process.platform === 'win32') return realPath ?? path;
    const folder = dirname(realPath);
    if (folder !== this.#realPath) this.#open(folder);
    return join(this.#through, basename(realPath));
  }

  #open(realPath: string): void {
    this.close();
    const fd = openRealFolder(realPath);
    this.#fd = fd;
    if (!isOpenAt(fd, realPath)) throw ledElsewhereError();
    this.#through = pathThrough(fd, realPath);
    this.#realPath = realPath;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#realPath = undefined;
  }
}

function openRealFolder(realPath: string): number {
  try {
    return openPatiently(realPath, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException;
    // A link has the one error or the other, depending on the system.
    throw code === 'ELOOP' || code === 'ENOTDIR' ? ledElsewhereError() : thrown;
  }
}

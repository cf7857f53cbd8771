import { constants, type FileHandle, open } from 'node:fs/promises';
import { type FileCallError, isOpenAt, type PathToOpen, withDescriptors } from '../files/index.ts';
import { type CancelTimer, type Clock, fsPath, inBackground, type ReportError } from '../util/index.ts';
import { StorageError } from './storage-error.ts';

/** The most files that are open at once, over all torrents. */
export const DEFAULT_MAX_OPEN_FILES = 128;
/** The milliseconds without use after which a file is closed. */
export const IDLE_FILE_MS = 10_000;

/**
 * The mode in which a file is opened. `write` opens it for reading and writing, and does not follow a symbolic link at the
 * end of the path. It creates a missing file, except one with a `realPath`, which must be there.
 */
export type OpenMode = 'read' | 'write';

interface Entry {
  readonly path: string;
  readonly handle: Promise<FileHandle>;
  users: number;
  usedAt: number;
}

/** The options of {@link OpenFiles}. */
export interface OpenFilesOptions {
  readonly clock: Clock;
  readonly report: ReportError;
  /** The most files open at once, by default {@link DEFAULT_MAX_OPEN_FILES}. Files in use may be more. */
  readonly maxOpen?: number;
}

/**
 * The open files of all torrents. A file is opened when it is needed, and closed when it is idle or too many others are
 * needed, so that ten thousand torrents at rest hold no files open. The least recently used file is closed first. A file
 * in use is never closed.
 */
export class OpenFiles {
  /** The open files by mode and path, in the order of use. The first is the least recently used. */
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #report: ReportError;
  readonly #maxOpen: number;
  #cancelSweep: CancelTimer | undefined;

  constructor(options: OpenFilesOptions) {
    this.#clock = options.clock;
    this.#report = options.report;
    this.#maxOpen = options.maxOpen ?? DEFAULT_MAX_OPEN_FILES;
  }

  /** The number of files that are open now. */
  get size(): number {
    return this.#entries.size;
  }

  /** Runs `work` with the file open. @throws {StorageError} when it cannot be opened, and the errors of `work` */
  async use<T>(file: PathToOpen, mode: OpenMode, work: (handle: FileHandle) => Promise<T>): Promise<T> {
    const key = `${mode}:${file.path}`;
    const entry = this.#entries.get(key) ?? this.#open(key, file, mode);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users += 1;
    try {
      return await work(await entry.handle);
    } finally {
      entry.users -= 1;
      entry.usedAt = this.#clock.now();
      this.#trim();
      this.#sweepLater();
    }
  }

  /** Closes the open files among `paths`, except those in use by another torrent. */
  async close(paths: Iterable<string>): Promise<void> {
    for (const path of paths) {
      for (const mode of ['read', 'write'] as const) {
        const entry = this.#entries.get(`${mode}:${path}`);
        if (entry === undefined || entry.users > 0) continue;
        this.#entries.delete(`${mode}:${path}`);
        await (await entry.handle).close();
      }
    }
    if (this.#entries.size === 0) this.#cancelSweep?.();
  }

  #open(key: string, { path, realPath }: PathToOpen, mode: OpenMode): Entry {
    // Without O_NONBLOCK, opening a named pipe would hold up a thread.
    const reading = constants.O_RDONLY | constants.O_NONBLOCK;
    const writing = constants.O_RDWR | constants.O_NOFOLLOW;
    const flags = mode === 'read' ? reading : realPath === undefined ? writing | constants.O_CREAT : writing;
    const action = mode === 'read' ? 'open' : 'open for writing';
    const opened =
      realPath === undefined
        ? withDescriptors(this.#clock, () => open(fsPath(path), flags))
        : withDescriptors(this.#clock, () => open(fsPath(realPath), flags | constants.O_NOFOLLOW)).then(
            (file) => requireAt(file, { path, realPath }, action),
            (thrown: NodeJS.ErrnoException) => {
              throw thrown.code === 'ELOOP' ? ledElsewhere(path, action) : thrown;
            },
          );
    const handle = opened.catch((thrown: unknown) => {
      this.#entries.delete(key);
      throw StorageError.from(thrown, action, path);
    });
    return { path, handle, users: 0, usedAt: this.#clock.now() };
  }

  #trim(): void {
    if (this.#entries.size <= this.#maxOpen) return;
    for (const [key, entry] of this.#entries) {
      if (entry.users > 0) continue;
      this.#drop(key, entry);
      if (this.#entries.size <= this.#maxOpen) return;
    }
  }

  #sweepLater(): void {
    if (this.#cancelSweep !== undefined || this.#entries.size === 0) return;
    this.#cancelSweep = this.#clock.setTimer(IDLE_FILE_MS, () => {
      this.#cancelSweep = undefined;
      const idleSince = this.#clock.now() - IDLE_FILE_MS;
      for (const [key, entry] of this.#entries) {
        if (entry.users === 0 && entry.usedAt <= idleSince) this.#drop(key, entry);
      }
      this.#sweepLater();
    });
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    inBackground(
      entry.handle.then((handle) => handle.close()),
      `close ${entry.path}`,
      this.#report,
    );
  }
}

/**
 * Checks that the file that was opened is the one at a real path, and closes it otherwise.
 *
 * @throws {StorageError} `CHANGED`
 */
export async function requireAt(
  file: FileHandle,
  { path, realPath }: { readonly path: string; readonly realPath: string },
  action: string,
): Promise<FileHandle> {
  if (isOpenAt(file.fd, realPath)) return file;
  await file.close();
  throw ledElsewhere(path, action);
}

/** Makes the error for a path that leads through a new symbolic link. */
export function ledElsewhere(path: string, action: string): StorageError {
  const reason = 'a symbolic link has taken its place, or that of a folder above it';
  return new StorageError('CHANGED', path, { action, reason });
}

/** Makes the error for one of many files. @param action the attempt, as a phrase */
export function failedCall(thrown: FileCallError, action: string, path: string): StorageError {
  return thrown.code === 'ELOOP' ? ledElsewhere(path, action) : StorageError.from(thrown, action, path);
}

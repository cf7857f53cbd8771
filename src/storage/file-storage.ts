import { readv } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { FileCallError, type ManyFiles, manyFilesHere, type PathToOpen } from '../files/index.ts';
import { Layout, type Placement } from '../metainfo/index.ts';
import { ShoalError } from '../util/index.ts';
import { inParallel } from './in-parallel.ts';
import { failedCall, type OpenFiles, type OpenMode } from './open-files.ts';
import type { Storage } from './storage.ts';
import { StorageError } from './storage-error.ts';
import { VersionCheck } from './version-check.ts';
import { sliceViews, totalLength } from './views.ts';

/** A file of the torrent, and its place on this machine. */
export interface StoredFile extends Placement {
  readonly path: string;
  /** Its path without links, if no other file may be opened for it; `undefined` if links in its path are followed. */
  readonly realPath?: string | undefined;
  /** Whether its owner may run it as a program; `undefined` for no. */
  readonly isExecutable?: boolean;
}

/** The options of a {@link FileStorage}. */
export interface FileStorageOptions {
  readonly files: readonly StoredFile[];
  /**
   * The `fileVersion()` of each file, in the order of `files`, which the file must still have after each read. A read of a
   * file that was deleted, replaced or written to then fails, even if the file is open. `undefined` allows any state.
   */
  readonly versions?: readonly string[] | undefined;
  /** Whether files are written or only read. With `read`, no file is ever created or changed. */
  readonly mode: OpenMode;
  /** The indices of files that are whole already: they are only read, and bytes that are written to them are dropped. */
  readonly whole?: ReadonlySet<number> | undefined;
  readonly openFiles: OpenFiles;
  /** Flushes files; by default this thread does. */
  readonly many?: ManyFiles;
}

// This call costs less than that of a FileHandle, and a seed reads very often.
const readInto = promisify(readv);

/** A place in a file to which a range of bytes is written: an open file, or one to open. */
export type PlaceInFile = {
  /** The offset in the range. */
  readonly begin: number;
  readonly length: number;
  /** The offset in the file. */
  readonly position: number;
} & ({ readonly fd: number } | { readonly file: PathToOpen });

/**
 * The least bytes of a file that stays open while it is written, since some network disks wait for all bytes at each close.
 * Shorter files are too many to stay open, and a thread opens them for each piece.
 */
const LENGTH_OF_OPEN_FILE = 4 * 1024 * 1024;

/** The action that was attempted, as an error names it: `Cannot write to a.bin`. */
type Action = 'read' | 'write to' | 'flush';

/** A storage that keeps a torrent in files, which it reads and writes at positions. */
export class FileStorage implements Storage {
  readonly #files: readonly StoredFile[];
  readonly #versions: readonly string[] | undefined;
  readonly #layout: Layout;
  readonly #mode: OpenMode;
  readonly #whole: ReadonlySet<number>;
  readonly #openFiles: OpenFiles;
  readonly #many: ManyFiles;
  /** The check of each file that was read and has a version. */
  readonly #checks = new Map<number, VersionCheck>();
  readonly #underWay = new Set<Promise<unknown>>();
  /** The files that were written to since the last `sync`. */
  readonly #dirty = new Set<number>();
  /** The error of a failed flush. A later flush would report success, but does not bring back the bytes that were lost. */
  #lost: StorageError | undefined;
  #isClosed = false;

  constructor(options: FileStorageOptions) {
    this.#files = options.files;
    this.#versions = options.versions;
    this.#layout = new Layout(options.files);
    this.#mode = options.mode;
    this.#whole = options.whole ?? new Set();
    this.#openFiles = options.openFiles;
    this.#many = options.many ?? manyFilesHere;
  }

  async read(offset: number, ...into: readonly Uint8Array[]): Promise<void> {
    const parts: (() => Promise<void>)[] = [];
    this.#layout.visit(offset, totalLength(into), (file, fileOffset, at, length) => {
      const views = sliceViews(into, at, at + length);
      if (file >= 0) parts.push(() => this.#fill(file, fileOffset, views));
      else for (const view of views) view.fill(0);
    });
    await inParallel(parts, (part) => part());
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    const parts: (() => Promise<void>)[] = [];
    this.#layout.visit(offset, data.length, (file, fileOffset, at, length) => {
      const part = data.subarray(at, at + length);
      if (file >= 0 && !this.#whole.has(file)) parts.push(() => this.#put(file, fileOffset, part));
    });
    await inParallel(parts, (part) => part());
  }

  /**
   * Lets the caller write a range by itself, for example in a thread.
   *
   * @param write puts the bytes at their places; it may reject with a {@link FileCallError} for one of them. Bytes of the range
   * without a place belong to no file
   * @throws {StorageError} also for the system's errors that `write` throws
   */
  async writeBy<T>(
    offset: number,
    length: number,
    write: (places: readonly PlaceInFile[]) => Promise<T>,
  ): Promise<T> {
    const parts: { readonly at: number; readonly place: PlaceInFile & { readonly file: PathToOpen } }[] = [];
    this.#layout.visit(offset, length, (at, position, begin, partLength) => {
      if (at < 0 || this.#whole.has(at)) return;
      const { path, realPath } = this.#files[at]!;
      parts.push({ at, place: { begin, length: partLength, position, file: { path, realPath } } });
    });
    const [only, ...others] = parts;
    const isLong = only !== undefined && this.#files[only.at]!.length >= LENGTH_OF_OPEN_FILE;
    if (isLong && others.length === 0) {
      return this.#with(only.at, 'write to', ({ fd }) => write([{ ...only.place, fd }]));
    }
    const files = parts.map((part) => part.at);
    return this.#track(files, 'write to', () => write(parts.map((part) => part.place)));
  }

  async sync(): Promise<void> {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    try {
      const files = dirty.map((file) => this.#files[file]!);
      if (files.length > 0) await this.#track(dirty, 'flush', () => this.#many.flush(files));
    } catch (thrown) {
      this.#lost ??= thrown as StorageError;
    }
    if (this.#lost !== undefined) throw this.#lost;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#underWay);
    await this.#openFiles.close(this.#files.map((file) => file.path));
  }

  #fill(file: number, position: number, views: readonly Uint8Array[]): Promise<void> {
    return this.#with(file, 'read', async (handle) => {
      const length = totalLength(views);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await readInto(handle.fd, sliceViews(views, done, length), position + done);
        if (bytesRead === 0) throw this.#endsAt(file, position + done, 'read');
        done += bytesRead;
      }
      await this.#requireVersion(file, handle);
    });
  }

  /** Fails when a file that was just read has changed. */
  async #requireVersion(file: number, handle: FileHandle): Promise<void> {
    const check = this.#checkOf(file);
    if (check === undefined || (await check.holdsFor(handle))) return;
    const { path } = this.#files[file]!;
    throw new StorageError('CHANGED', path, { action: 'read', reason: 'it has changed' });
  }

  #checkOf(file: number): VersionCheck | undefined {
    const version = this.#versions?.[file];
    if (version === undefined) return undefined;
    const known = this.#checks.get(file);
    if (known !== undefined) return known;
    const check = new VersionCheck(this.#files[file]!.path, version);
    this.#checks.set(file, check);
    return check;
  }

  #put(file: number, position: number, bytes: Uint8Array): Promise<void> {
    return this.#with(file, 'write to', async (handle) => {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
        if (bytesWritten === 0) throw this.#endsAt(file, position + done, 'write to');
        done += bytesWritten;
      }
    });
  }

  #endsAt(file: number, position: number, action: Action): StorageError {
    const { path } = this.#files[file]!;
    return new StorageError('TOO_SHORT', path, { action, reason: `it ends at byte ${position}` });
  }

  /** Opens a file for some work with it. */
  #with<T>(file: number, action: Action, work: (handle: FileHandle) => Promise<T>): Promise<T> {
    const mode = this.#whole.has(file) ? 'read' : this.#mode;
    return this.#track([file], action, () => this.#openFiles.use(this.#files[file]!, mode, work));
  }

  /** Does some work with files, for which `close()` waits. */
  async #track<T>(files: readonly number[], action: Action, work: () => Promise<T>): Promise<T> {
    const pathAt = (index = 0) => this.#files[files[index] ?? 0]!.path;
    if (this.#isClosed) throw new StorageError('CLOSED', pathAt(), { action, reason: 'it was closed' });
    const working = work();
    this.#underWay.add(working);
    try {
      const result = await working;
      // This is set after the write, because a flush that began during the write did not include it.
      if (action === 'write to') for (const file of files) this.#dirty.add(file);
      return result;
    } catch (thrown) {
      if (thrown instanceof FileCallError) throw failedCall(thrown, action, pathAt(thrown.index));
      if (thrown instanceof ShoalError) throw thrown;
      throw StorageError.from(thrown, action, pathAt());
    } finally {
      this.#underWay.delete(working);
    }
  }
}

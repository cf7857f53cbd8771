import { readv } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Layout, type Placement } from '../metainfo/index.ts';
import { ShoalError } from '../util/index.ts';
import { inParallel } from './in-parallel.ts';
import type { OpenFiles, OpenMode } from './open-files.ts';
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
}

// This call costs less than that of a FileHandle, and a seed reads very often.
const readInto = promisify(readv);

/** A place in a file that is open. */
export interface PlaceInFile {
  readonly fd: number;
  readonly position: number;
  readonly length: number;
}

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
   * Lets the caller write a range that lies in one file by itself, for example in a thread.
   *
   * @param write puts the first `length` bytes of the range at `position` of the file `fd`. The other bytes of the range
   * belong to no file. The file is open until the promise of `write` settles
   * @returns `undefined` when the range begins in a gap or lies in several files
   * @throws {StorageError} also for the system's errors that `write` throws
   */
  inOneFile<T>(
    offset: number,
    length: number,
    write: (place: PlaceInFile) => Promise<T>,
  ): Promise<T> | undefined {
    const parts: { readonly file: number; readonly position: number; readonly length: number }[] = [];
    this.#layout.visit(offset, length, (file, position, at, partLength) => {
      if (file >= 0 || at === 0) parts.push({ file, position, length: partLength });
    });
    const [part, ...others] = parts;
    if (part === undefined || part.file < 0 || others.length > 0 || this.#whole.has(part.file))
      return undefined;
    return this.#with(part.file, 'write to', ({ fd }) =>
      write({ fd, position: part.position, length: part.length }),
    );
  }

  async sync(): Promise<void> {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const file of dirty) {
      await this.#with(file, 'flush', (handle) => handle.sync()).catch((thrown: unknown) => {
        this.#lost ??= StorageError.from(thrown, 'flush', this.#files[file]!.path);
      });
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
  async #with<T>(file: number, action: Action, work: (handle: FileHandle) => Promise<T>): Promise<T> {
    const { path, realPath } = this.#files[file]!;
    if (this.#isClosed) throw new StorageError('CLOSED', path, { action, reason: 'it was closed' });
    const mode = this.#whole.has(file) ? 'read' : this.#mode;
    const working = this.#openFiles.use({ path, realPath }, mode, work);
    this.#underWay.add(working);
    try {
      const result = await working;
      // This is set after the write, because a flush that began during the write did not include it.
      if (action === 'write to') this.#dirty.add(file);
      return result;
    } catch (thrown) {
      if (thrown instanceof ShoalError) throw thrown;
      throw StorageError.from(thrown, action, path);
    } finally {
      this.#underWay.delete(working);
    }
  }
}

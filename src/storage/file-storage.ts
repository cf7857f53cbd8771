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
import { lengthOf, sliceViews } from './views.ts';

/** A file of the torrent, and its place on this machine. */
export interface StoredFile extends Placement {
  readonly path: string;
  /** Where it really is, if nothing else may be opened for it; absent: a link in its path is followed. */
  readonly realPath?: string | undefined;
}

export interface FileStorageOptions {
  readonly files: readonly StoredFile[];
  /**
   * The state, of `fileVersion()`, that each file must still be in after it was read, in the order of `files`; absent:
   * any state will do. No bytes are given of a file that was deleted, replaced or written to, even if it is open.
   */
  readonly versions?: readonly string[] | undefined;
  /** Whether files are only read, or written, too. With `read` no file is ever created or changed. */
  readonly mode: OpenMode;
  readonly openFiles: OpenFiles;
}

// Much is read, and this call costs less than that of a FileHandle.
const readInto = promisify(readv);

/** A range of a file that is open. */
export interface PlaceInFile {
  readonly fd: number;
  readonly position: number;
  readonly length: number;
}

/** The action that was attempted, as an error names it: `Cannot write to a.bin`. */
type Action = 'read' | 'write to' | 'flush';

/** A torrent kept in files, read and written at positions. */
export class FileStorage implements Storage {
  readonly #files: readonly StoredFile[];
  readonly #versions: readonly string[] | undefined;
  readonly #layout: Layout;
  readonly #mode: OpenMode;
  readonly #openFiles: OpenFiles;
  /** The check of each file that was read, when its version is known. */
  readonly #checks = new Map<number, VersionCheck>();
  readonly #underWay = new Set<Promise<unknown>>();
  /** The files to which something was written since the last `sync`. */
  readonly #dirty = new Set<number>();
  /** The reason why a flush failed. No later flush brings back what was lost then, though the system would report success. */
  #lost: StorageError | undefined;
  #isClosed = false;

  constructor(options: FileStorageOptions) {
    this.#files = options.files;
    this.#versions = options.versions;
    this.#layout = new Layout(options.files);
    this.#mode = options.mode;
    this.#openFiles = options.openFiles;
  }

  async read(offset: number, ...into: readonly Uint8Array[]): Promise<void> {
    const parts: (() => Promise<void>)[] = [];
    this.#layout.visit(offset, lengthOf(into), (file, fileOffset, at, length) => {
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
      if (file >= 0) parts.push(() => this.#put(file, fileOffset, part));
    });
    await inParallel(parts, (part) => part());
  }

  /**
   * Lets the caller write a range that begins in a file and lies in no other one, in a thread for example.
   *
   * @param write puts the first `length` bytes of the range, behind which there are none of a file, at `position` of the
   * file `fd`, which is open until its promise settles
   * @returns `undefined` when the range begins in a gap or lies in several files
   * @throws {StorageError} also for what `write` throws, unless that is an error of its own kind
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
    if (part === undefined || part.file < 0 || others.length > 0) return undefined;
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
      const length = lengthOf(views);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await readInto(handle.fd, sliceViews(views, done, length), position + done);
        if (bytesRead === 0) throw this.#endsAt(file, position + done, 'read');
        done += bytesRead;
      }
      await this.#requireVersion(file, handle);
    });
  }

  /** Fails when the file has changed. It is called after the file was read. */
  async #requireVersion(file: number, handle: FileHandle): Promise<void> {
    const check = this.#checkOf(file);
    if (check === undefined || (await check.holdsFor(handle))) return;
    const { path } = this.#files[file]!;
    throw new StorageError('CHANGED', path, { action: 'read', reason: 'it is not what it was any more' });
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

  /** Does something with a file, which is open meanwhile. */
  async #with<T>(file: number, action: Action, work: (handle: FileHandle) => Promise<T>): Promise<T> {
    const { path, realPath } = this.#files[file]!;
    if (this.#isClosed) throw new StorageError('CLOSED', path, { action, reason: 'it was closed' });
    const working = this.#openFiles.use({ path, realPath }, this.#mode, work);
    this.#underWay.add(working);
    try {
      const result = await working;
      // This is set only now, because a flush that began while the write was on its way has not seen it.
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

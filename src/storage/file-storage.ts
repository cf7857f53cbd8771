import { Layout, type Placement } from './layout.ts';
import type { OpenFiles, OpenMode } from './open-files.ts';
import type { Storage } from './storage.ts';
import { StorageError } from './storage-error.ts';

/** A file of the torrent and where it lies on this machine. */
export interface StoredFile extends Placement {
  readonly path: string;
}

export interface FileStorageOptions {
  readonly files: readonly StoredFile[];
  /** `read` never creates or changes a file. */
  readonly mode: OpenMode;
  readonly openFiles: OpenFiles;
}

/** A torrent kept in files, read and written at positions. */
export class FileStorage implements Storage {
  readonly #files: readonly StoredFile[];
  readonly #layout: Layout;
  readonly #mode: OpenMode;
  readonly #openFiles: OpenFiles;
  readonly #underWay = new Set<Promise<void>>();
  /** Files with something written that no `sync` has seen since. */
  readonly #dirty = new Set<number>();
  /** Why a flush failed: what was lost then no later one brings back, though the system would say it was fine. */
  #lost: StorageError | undefined;
  #isClosed = false;

  constructor(options: FileStorageOptions) {
    this.#files = options.files;
    this.#layout = new Layout(options.files);
    this.#mode = options.mode;
    this.#openFiles = options.openFiles;
  }

  read(offset: number, into: Uint8Array): Promise<void> {
    return this.#run(offset, into, 'read');
  }

  write(offset: number, data: Uint8Array): Promise<void> {
    return this.#run(offset, data, 'write');
  }

  async sync(): Promise<void> {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const file of dirty) await this.#track(this.#flush(this.#files[file]!.path));
    if (this.#lost !== undefined) throw this.#lost;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#underWay);
    await this.#openFiles.close(this.#files.map((file) => file.path));
  }

  async #flush(path: string): Promise<void> {
    try {
      await this.#openFiles.use(path, this.#mode, (handle) => handle.sync());
    } catch (thrown) {
      this.#lost ??= StorageError.from(thrown, 'flush', path);
    }
  }

  async #run(offset: number, bytes: Uint8Array, action: OpenMode): Promise<void> {
    const parts: Promise<void>[] = [];
    this.#layout.visit(offset, bytes.length, (file, fileOffset, at, length) => {
      const part = bytes.subarray(at, at + length);
      if (file >= 0) parts.push(this.#track(this.#transfer(file, fileOffset, part, action)));
      else if (action === 'read') part.fill(0);
    });
    // All are waited for, also after a failure: nobody may touch `bytes` while the disk still does.
    for (const result of await Promise.allSettled(parts)) {
      if (result.status === 'rejected') throw result.reason;
    }
  }

  async #transfer(file: number, position: number, bytes: Uint8Array, action: OpenMode): Promise<void> {
    const { path } = this.#files[file]!;
    if (this.#isClosed) throw new StorageError('CLOSED', path, `Cannot ${action} ${path}: it was closed`);
    await this.#openFiles.use(path, this.#mode, async (handle) => {
      for (let done = 0; done < bytes.length; ) {
        const count = await moveSome(action, done).catch((thrown: unknown) => {
          throw StorageError.from(thrown, action === 'read' ? 'read' : 'write to', path);
        });
        if (count === 0) {
          throw new StorageError(
            'TOO_SHORT',
            path,
            `Cannot ${action} ${path}: it ends at byte ${position + done}`,
          );
        }
        done += count;
      }
      // Only now: a flush that began while this was on its way has not seen it.
      if (action === 'write') this.#dirty.add(file);

      async function moveSome(action: OpenMode, done: number): Promise<number> {
        const rest = bytes.length - done;
        if (action === 'read') return (await handle.read(bytes, done, rest, position + done)).bytesRead;
        return (await handle.write(bytes, done, rest, position + done)).bytesWritten;
      }
    });
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#underWay.add(work);
    try {
      await work;
    } finally {
      this.#underWay.delete(work);
    }
  }
}

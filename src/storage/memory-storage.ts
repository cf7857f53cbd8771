import { Layout, type Placement } from '../metainfo/index.ts';
import type { Storage } from './storage.ts';
import { StorageError } from './storage-error.ts';
import { lengthOf, sliceViews } from './views.ts';

/** A storage that keeps a torrent in memory, for simulations and for torrents that should never touch a disk. */
export class MemoryStorage implements Storage {
  readonly #layout: Layout;
  readonly #contents: Uint8Array[];
  #isClosed = false;

  constructor(files: readonly Placement[]) {
    this.#layout = new Layout(files);
    this.#contents = files.map((file) => new Uint8Array(file.length));
  }

  /** Gets the present content of a file, as a view. */
  contentOf(file: number): Uint8Array {
    return this.#contents[file]!;
  }

  async read(offset: number, ...into: readonly Uint8Array[]): Promise<void> {
    this.#mustBeOpen('read');
    this.#layout.visit(offset, lengthOf(into), (file, fileOffset, at, length) => {
      let position = fileOffset;
      for (const view of sliceViews(into, at, at + length)) {
        if (file < 0) view.fill(0);
        else view.set(this.#contents[file]!.subarray(position, position + view.length));
        position += view.length;
      }
    });
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    this.#mustBeOpen('write');
    this.#layout.visit(offset, data.length, (file, fileOffset, at, length) => {
      if (file >= 0) this.#contents[file]!.set(data.subarray(at, at + length), fileOffset);
    });
  }

  async sync(): Promise<void> {
    this.#mustBeOpen('flush');
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #mustBeOpen(action: string): void {
    if (this.#isClosed) throw new StorageError('CLOSED', 'memory', { action, reason: 'it was closed' });
  }
}

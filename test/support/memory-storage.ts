import { Layout, type Placement } from '../../src/metainfo/index.ts';
import { type Storage, StorageError } from '../../src/storage/index.ts';

/** A storage that keeps a torrent in memory. */
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
    let start = offset;
    for (const view of into) {
      this.#layout.visit(start, view.length, (file, fileOffset, at, length) => {
        const part = view.subarray(at, at + length);
        if (file < 0) part.fill(0);
        else part.set(this.#contents[file]!.subarray(fileOffset, fileOffset + length));
      });
      start += view.length;
    }
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

import { type Storage, StorageError } from '../storage/index.ts';

/** A storage whose files are moved while a torrent reads them: reads wait from `hold()` until `moveTo()`. */
export class MovableStorage implements Storage {
  #storage: Storage;
  #held: Promise<void> | undefined;
  #endHold = () => {};
  #isAbandoned = false;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async read(offset: number, ...into: readonly Uint8Array[]): Promise<void> {
    if (this.#held !== undefined) await this.#held;
    if (this.#isAbandoned) throw abandoned();
    return this.#storage.read(offset, ...into);
  }

  write(offset: number, data: Uint8Array): Promise<void> {
    return this.#storage.write(offset, data);
  }

  sync(): Promise<void> {
    return this.#storage.sync();
  }

  close(): Promise<void> {
    return this.#storage.close();
  }

  /** Lets reads wait from now on. Those that have begun go on; closing the storage waits for them. */
  hold(): void {
    this.#held ??= new Promise((resolve) => {
      this.#endHold = resolve;
    });
  }

  /** Takes the storage to which the files were moved, and lets reads go on. */
  moveTo(storage: Storage): void {
    this.#storage = storage;
    this.#held = undefined;
    this.#endHold();
  }

  /** Lets the reads that wait fail, and all later ones: the files are not there any more. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#held = undefined;
    this.#endHold();
  }
}

function abandoned(): StorageError {
  return new StorageError('CLOSED', 'the download', { action: 'read', reason: 'it was closed' });
}

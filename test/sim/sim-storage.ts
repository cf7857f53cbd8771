import { type Storage, StorageError } from '../../src/storage/index.ts';
import type { Clock } from '../../src/util/index.ts';
import type { MemoryStorage } from '../support/index.ts';

/** A storage in memory that can be slow, full or broken, and counts. */
export class SimStorage implements Storage {
  readonly #memory: MemoryStorage;
  readonly #clock: Clock;
  /** The milliseconds that a read or write takes. */
  delayMs = 0;
  /** The bytes that can still be written. */
  room = Number.POSITIVE_INFINITY;
  canRead = true;
  /** Whether no file can be opened because the process has no descriptor left. */
  lacksDescriptors = false;
  writeCount = 0;
  readCount = 0;
  /** Reads and writes that have not ended. */
  underWay = 0;

  constructor(memory: MemoryStorage, clock: Clock) {
    this.#memory = memory;
    this.#clock = clock;
  }

  read(offset: number, ...into: readonly Uint8Array[]): Promise<void> {
    this.readCount += 1;
    return this.#run(async () => {
      if (this.lacksDescriptors) throw noDescriptor();
      if (!this.canRead) throw new StorageError('IO', 'memory', { action: 'read', reason: 'it is broken' });
      await this.#memory.read(offset, ...into);
    });
  }

  write(offset: number, data: Uint8Array): Promise<void> {
    this.writeCount += 1;
    return this.#run(async () => {
      this.room -= data.length;
      if (this.room < 0)
        throw new StorageError('DISK_FULL', 'memory', { action: 'write to', reason: 'it is full' });
      await this.#memory.write(offset, data);
    });
  }

  sync(): Promise<void> {
    return this.#memory.sync();
  }

  close(): Promise<void> {
    return this.#memory.close();
  }

  async #run(work: () => Promise<void>): Promise<void> {
    this.underWay += 1;
    try {
      if (this.delayMs > 0) await new Promise<void>((done) => this.#clock.setTimer(this.delayMs, done));
      await work();
    } finally {
      this.underWay -= 1;
    }
  }
}

function noDescriptor(): StorageError {
  const cause = Object.assign(new Error('EMFILE: too many open files, open'), { code: 'EMFILE' });
  return StorageError.from(cause, 'open', 'memory');
}

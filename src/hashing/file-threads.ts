import {
  FileCallError,
  type FileFailure,
  type FoundName,
  type ManyFiles,
  type NewFile,
  type PathToOpen,
} from '../files/index.ts';
import type { WorkerPool } from './worker-pool.ts';

/** The most files of one task: few enough that a piece of a download does not wait long behind it. */
const FILES_AT_ONCE = 256;
/** The most files of one task that flushes, since a disk takes milliseconds for each. */
const FLUSHES_AT_ONCE = 32;
/** The bytes that are hashed in about the time of one call, by which a pool compares how busy its threads are. */
const BYTES_PER_CALL = 16 * 1024;

/** Calls for many files, which the threads of a pool make. */
export class FileThreads implements ManyFiles {
  readonly #workers: WorkerPool;

  constructor(workers: WorkerPool) {
    this.#workers = workers;
  }

  async look(paths: readonly string[], signal?: AbortSignal): Promise<(FoundName | undefined)[]> {
    const found = new Array<FoundName | undefined>(paths.length).fill(undefined);
    await this.#inBatches(paths, FILES_AT_ONCE, signal, async (batch, from) => {
      const result = await this.#workers.run({ kind: 'look', paths: batch }, batch.length * BYTES_PER_CALL);
      for (const [at, one] of result.entries()) found[from + at] = one;
    });
    return found;
  }

  async make(files: readonly NewFile[], signal?: AbortSignal): Promise<void> {
    await this.#inBatches(files, FILES_AT_ONCE, signal, async (batch, from) => {
      throwFailure(
        await this.#workers.run({ kind: 'make', files: batch }, batch.length * BYTES_PER_CALL),
        from,
      );
    });
  }

  async flush(files: readonly PathToOpen[]): Promise<void> {
    const failures: unknown[] = [];
    await this.#inBatches(files, FLUSHES_AT_ONCE, undefined, async (batch, from) => {
      try {
        throwFailure(
          await this.#workers.run({ kind: 'flush', files: batch }, batch.length * BYTES_PER_CALL),
          from,
        );
      } catch (thrown) {
        failures.push(thrown);
      }
    });
    if (failures.length > 0) throw failures[0];
  }

  /** Does `work` with some items at a time, on as many threads as there are. @throws the first failure, after all that began have ended */
  async #inBatches<T>(
    items: readonly T[],
    size: number,
    signal: AbortSignal | undefined,
    work: (batch: readonly T[], from: number) => Promise<void>,
  ): Promise<void> {
    let next = 0;
    const workOff = async () => {
      while (next < items.length) {
        signal?.throwIfAborted();
        const from = next;
        next += size;
        await work(items.slice(from, from + size), from);
      }
    };
    const count = Math.min(this.#workers.threads, Math.ceil(items.length / size));
    const ended = await Promise.allSettled(Array.from({ length: count }, workOff));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }
}

function throwFailure(failure: FileFailure | undefined, from: number): void {
  if (failure !== undefined) throw new FileCallError({ ...failure, index: from + failure.index });
}

import { availableParallelism } from 'node:os';
import { closeAll } from '../util/index.ts';
import { HashingError } from './errors.ts';
import { HashWorker } from './hash-worker.ts';
import type { HashTask, HashTasks, ResultOf } from './tasks.ts';

/** The most threads of one pool. */
export const MAX_HASH_THREADS = 256;

/** The bytes to hash that every thread must have before another one is started for the next task. */
const ENOUGH_BYTES = 4 * 1024 * 1024;
/**
 * The bytes that every thread must have before another one is started for a task that also writes. Threads that write to
 * one file wait for each other, so that one thread does nearly as much as several.
 */
const ENOUGH_BYTES_TO_WRITE = 12 * 1024 * 1024;

/** A pool of threads, which are started when there is work for them. The least busy thread gets the next task. */
export class WorkerPool {
  readonly threads: number;
  #workers: HashWorker[] = [];
  #nextDigest = 0;
  #closed: HashingError | undefined;

  /** @param threads the most threads, by default one for each core */
  constructor(threads = availableParallelism()) {
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_HASH_THREADS) {
      throw new RangeError(`Cannot hash on ${threads} threads: choose 1 to ${MAX_HASH_THREADS}`);
    }
    this.threads = threads;
  }

  /** Starts a thread in advance if there is none. @throws {HashingError} */
  start(): void {
    if (this.#workers.length === 0) this.#worker();
  }

  /**
   * Does a task on the least busy thread.
   *
   * @param bytes the number of bytes that the task hashes; bytes that it hashes twice count twice
   * @throws {HashingError}
   */
  async run<Task extends HashTask>(task: Task, bytes: number): Promise<ResultOf<Task>> {
    const isWritten = task.kind === 'piece' && task.places.length > 0;
    return this.#worker(isWritten ? ENOUGH_BYTES_TO_WRITE : ENOUGH_BYTES).run(task, bytes);
  }

  /** Starts a SHA-256 of a file that is read range by range. @throws {HashingError} */
  openDigest(): RunningDigest {
    this.#nextDigest += 1;
    return new RunningDigest(this.#worker(), this.#nextDigest);
  }

  /** Ends all threads. Work that is not done is rejected with `POOL_CLOSED`. */
  async close(): Promise<void> {
    this.#closed ??= new HashingError('POOL_CLOSED', 'Cannot hash: the pool of threads is closed');
    const reason = this.#closed;
    const workers = this.#workers;
    this.#workers = [];
    await closeAll(
      workers.map((worker) => ({ name: 'a hashing thread', close: () => worker.terminate(reason) })),
    );
  }

  /** Finds the least busy thread, or starts a new one when all are busy enough. */
  #worker(enoughBytes = ENOUGH_BYTES): HashWorker {
    if (this.#closed) throw this.#closed;
    this.#workers = this.#workers.filter((worker) => worker.isAlive);
    let best = this.#workers[0];
    for (const worker of this.#workers) {
      if (worker.pendingBytes < best!.pendingBytes) best = worker;
    }
    if (best && (best.pendingBytes < enoughBytes || this.#workers.length === this.threads)) return best;
    const started = new HashWorker();
    this.#workers.push(started);
    return started;
  }
}

/** An unfinished SHA-256, which one worker keeps. That worker must hash all its parts. */
export class RunningDigest {
  /** The id, which no other digest of the pool has. */
  readonly id: number;
  readonly #worker: HashWorker;

  constructor(worker: HashWorker, id: number) {
    this.#worker = worker;
    this.id = id;
  }

  /**
   * Hashes a range. Ranges are hashed in the order of the calls. The caller need not wait between them.
   *
   * @param bytes the number of bytes that the task hashes
   */
  run(task: HashTasks['range']['task'], bytes: number): Promise<HashTasks['range']['result']> {
    return this.#worker.run(task, bytes);
  }

  /** Frees the digest on the worker when its last part will not come. */
  async drop(): Promise<void> {
    if (this.#worker.isAlive) await this.#worker.run({ kind: 'dropDigest', digest: this.id }, 0);
  }
}

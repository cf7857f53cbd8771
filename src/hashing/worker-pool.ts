import { availableParallelism } from 'node:os';
import { closeAll } from '../util/index.ts';
import { HashingError } from './errors.ts';
import { HashWorker } from './hash-worker.ts';
import type { HashTask, HashTasks, ResultOf } from './tasks.ts';

/** The most threads of one pool. */
export const MAX_HASH_THREADS = 256;

/** The bytes a thread must have to hash before another thread is started; with fewer it is given the next task. */
const ENOUGH_BYTES = 4 * 1024 * 1024;
/**
 * The bytes that a thread must have before another one is started where they are written, too. Threads that write one
 * file wait for each other, so that one thread does nearly as much as several.
 */
const ENOUGH_BYTES_TO_WRITE = 12 * 1024 * 1024;

/** A pool of threads that are started when there is work for them. The least busy one is given the next task. */
export class WorkerPool {
  readonly threads: number;
  #workers: HashWorker[] = [];
  #nextDigest = 0;
  #closed: HashingError | undefined;

  /** @param threads the most threads; absent: one for each core */
  constructor(threads = availableParallelism()) {
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_HASH_THREADS) {
      throw new RangeError(`Cannot hash on ${threads} threads: from 1 to ${MAX_HASH_THREADS} are possible`);
    }
    this.threads = threads;
  }

  /** Starts a thread, unless there is one, for work that is about to come. @throws {HashingError} */
  start(): void {
    if (this.#workers.length === 0) this.#worker();
  }

  /**
   * Does a task on the least busy thread.
   *
   * @param bytes how many bytes the task hashes, each as often as it hashes it @throws {HashingError}
   */
  async run<Task extends HashTask>(task: Task, bytes: number): Promise<ResultOf<Task>> {
    const isWritten = task.kind === 'piece' && task.file !== undefined;
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

/** A SHA-256 that one worker keeps, which has to hash all ranges that go into it. */
export class RunningDigest {
  /** The id, which no other one of the same pool has. */
  readonly id: number;
  readonly #worker: HashWorker;

  constructor(worker: HashWorker, id: number) {
    this.#worker = worker;
    this.id = id;
  }

  /**
   * Hashes a range. Ranges are hashed in the order of the calls, which need not be awaited in between.
   *
   * @param bytes as of the pool
   */
  run(task: HashTasks['range']['task'], bytes: number): Promise<HashTasks['range']['result']> {
    return this.#worker.run(task, bytes);
  }

  /** Frees what the worker keeps, when the last part will not come. */
  async drop(): Promise<void> {
    if (this.#worker.isAlive) await this.#worker.run({ kind: 'dropDigest', digest: this.id }, 0);
  }
}

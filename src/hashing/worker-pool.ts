import { availableParallelism } from 'node:os';
import { closeAll } from '../util/index.ts';
import { HashingError } from './errors.ts';
import { HashWorker } from './hash-worker.ts';
import type { HashTask, HashTasks, ResultOf } from './tasks.ts';

/** Threads that one pool may be asked for. */
export const MAX_HASH_THREADS = 256;

/** With fewer bytes to hash, a thread is given the next task before another thread is started. */
const ENOUGH_BYTES = 4 * 1024 * 1024;
/** The same where bytes are written, too: threads that write one file wait for each other, so that one does nearly as much. */
const ENOUGH_BYTES_TO_WRITE = 12 * 1024 * 1024;

/** Threads, started when there is work for them, that take tasks as they come: the least busy one is given the next. */
export class WorkerPool {
  readonly threads: number;
  #workers: HashWorker[] = [];
  #nextDigest = 0;
  #closed: HashingError | undefined;

  /** @param threads how many at most; one a core unless given */
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

  /** @param bytes how many bytes the task hashes, each as often as it hashes it @throws {HashingError} */
  async run<Task extends HashTask>(task: Task, bytes: number): Promise<ResultOf<Task>> {
    const isWritten = task.kind === 'piece' && task.file !== undefined;
    return this.#worker(isWritten ? ENOUGH_BYTES_TO_WRITE : ENOUGH_BYTES).run(task, bytes);
  }

  /** Starts a SHA-256 of a file that is read range by range. @throws {HashingError} */
  openDigest(): RunningDigest {
    this.#nextDigest += 1;
    return new RunningDigest(this.#worker(), this.#nextDigest);
  }

  /** Ends all threads; what is not done is rejected with `POOL_CLOSED`. */
  async close(): Promise<void> {
    this.#closed ??= new HashingError('POOL_CLOSED', 'Cannot hash: the pool of threads is closed');
    const reason = this.#closed;
    const workers = this.#workers;
    this.#workers = [];
    await closeAll(
      workers.map((worker) => ({ name: 'a hashing thread', close: () => worker.terminate(reason) })),
    );
  }

  /** The least busy one, or a new one when all are busy enough. */
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

/** A SHA-256 that lives in one worker, which has to hash all ranges that go into it. */
export class RunningDigest {
  /** Other ones of the same pool have other ids. */
  readonly id: number;
  readonly #worker: HashWorker;

  constructor(worker: HashWorker, id: number) {
    this.#worker = worker;
    this.id = id;
  }

  /** Ranges are hashed in the order of the calls, which need not be awaited between. @param bytes as of the pool */
  run(task: HashTasks['range']['task'], bytes: number): Promise<HashTasks['range']['result']> {
    return this.#worker.run(task, bytes);
  }

  /** Frees what the worker keeps, when the last part will not come. */
  async drop(): Promise<void> {
    if (this.#worker.isAlive) await this.#worker.run({ kind: 'dropDigest', digest: this.id }, 0);
  }
}

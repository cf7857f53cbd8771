import { Worker } from 'node:worker_threads';
import {
  DESCRIPTOR_RETRY_MS,
  lacksDescriptors,
  MAX_DESCRIPTOR_TRIES,
  toError,
  wakefulClock,
} from '../util/index.ts';
import { HashingError } from './errors.ts';
import type { HashResult, HashTask, ResultOf } from './tasks.ts';
import type { WorkerRequest } from './worker.ts';

interface PendingTask {
  readonly request: WorkerRequest;
  readonly bytes: number;
  readonly resolve: (result: HashResult) => void;
  readonly reject: (error: HashingError) => void;
}

interface WorkerAnswer {
  readonly id: number;
  readonly result?: HashResult;
  readonly thrown?: unknown;
}

/**
 * One worker thread, seen from the main thread. It does tasks in the order in which they are given, and keeps the process
 * alive only while it has work. When it ends, its tasks are rejected. A thread that cannot start because no file descriptor
 * is left is started again a little later, and then gets its tasks.
 */
export class HashWorker {
  readonly #entry: URL;
  #thread: Worker;
  readonly #pending = new Map<number, PendingTask>();
  #nextId = 0;
  #pendingBytes = 0;
  #failure: HashingError | undefined;
  #starts = 0;
  #cancelRestart = () => {};

  /** @param entry the module that the thread runs */
  constructor(entry = new URL('./worker.js', import.meta.url)) {
    this.#entry = entry;
    this.#thread = this.#start();
  }

  /** Whether it can take tasks. */
  get isAlive(): boolean {
    return this.#failure === undefined;
  }

  /** The bytes that it still has to hash. The pool gives tasks to the worker with the fewest. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Does a task. @param bytes the number of bytes that the task hashes @throws {HashingError} */
  run<Task extends HashTask>(task: Task, bytes: number): Promise<ResultOf<Task>> {
    return new Promise<HashResult>((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure);
        return;
      }
      const id = this.#nextId;
      this.#nextId += 1;
      const request: WorkerRequest = { id, task };
      this.#thread.postMessage(request);
      if (this.#pending.size === 0) this.#thread.ref();
      this.#pending.set(id, { request, bytes, resolve, reject });
      this.#pendingBytes += bytes;
    }) as Promise<ResultOf<Task>>;
  }

  /** Ends the thread, and then rejects its tasks with `reason`: until it has ended, it may still use their memory. */
  async terminate(reason: HashingError): Promise<void> {
    this.#failure ??= reason;
    this.#cancelRestart();
    await this.#thread.terminate();
    this.#rejectAll(reason);
  }

  #start(): Worker {
    this.#starts += 1;
    // Options of the main thread such as `--input-type` would keep this thread from starting.
    const thread = new Worker(this.#entry, { execArgv: [] });
    let isGivenUp = false;
    let hasAnswered = false;
    thread.unref();
    thread.on('message', (answer: WorkerAnswer) => {
      hasAnswered = true;
      this.#settle(answer);
    });
    thread.on('messageerror', (error) => this.#fail('sent an answer that cannot be read', error));
    thread.on('error', (error) => {
      // A thread that has answered may hold an unfinished SHA-256, so that it cannot be replaced by another.
      const isStarting = !hasAnswered && this.#failure === undefined;
      isGivenUp = isStarting && lacksDescriptors(error) && this.#starts < MAX_DESCRIPTOR_TRIES;
      if (isGivenUp) this.#startLater();
      else this.#fail(`failed: ${toError(error).message}`, error);
    });
    thread.on('exit', (code) => {
      if (!isGivenUp) this.#fail(`ended with exit code ${code}`);
    });
    return thread;
  }

  /** Starts the thread again after a pause, with the tasks that wait for it. */
  #startLater(): void {
    this.#cancelRestart = wakefulClock.setTimer(DESCRIPTOR_RETRY_MS, () => {
      this.#thread = this.#start();
      if (this.#pending.size > 0) this.#thread.ref();
      for (const { request } of this.#pending.values()) this.#thread.postMessage(request);
    });
  }

  #settle({ id, result, thrown }: WorkerAnswer): void {
    const task = this.#pending.get(id);
    // The worker failed while its answer was on the way, and the task was rejected then.
    if (!task) return;
    this.#pending.delete(id);
    this.#pendingBytes -= task.bytes;
    if (this.#pending.size === 0) this.#thread.unref();
    if (thrown === undefined) task.resolve(result);
    else task.reject(workerFailed(`could not do its task: ${toError(thrown).message}`, thrown));
  }

  #fail(how: string, cause?: unknown): void {
    this.#rejectAll(workerFailed(how, cause));
  }

  #rejectAll(error: HashingError): void {
    this.#failure ??= error;
    const tasks = [...this.#pending.values()];
    this.#pending.clear();
    this.#pendingBytes = 0;
    for (const task of tasks) task.reject(this.#failure);
  }
}

function workerFailed(how: string, cause: unknown): HashingError {
  return new HashingError('WORKER_FAILED', `A hashing thread ${how}`, { cause });
}

import type { Clock } from '../../../../util/index.ts';
import { RecycledMemory } from './recycled-memory.ts';
import { READ_BYTES } from './tcp-handle.ts';

/** Bytes of requests that are answered together; of as many as come at once. */
const BATCH_BYTES = 2 * READ_BYTES;

/** A connection of which something was read. */
export interface BatchedConnection {
  /** Answers what was read. */
  answer(): void;
  /**
   * Writes the answers.
   *
   * @param now time of the port's clock
   */
  write(now: number): void;
}

/**
 * Requests of a port that are answered together, when all was read that the kernel had, and then their answers written.
 * One after the other, the kernel's work for each would drive the tracker's code and memory out of the processor's
 * caches; and the client's machine would be woken for each.
 */
export class ResponseBatch {
  /** Of the answers. */
  readonly memory = new RecycledMemory();
  readonly #clock: Clock;
  /** What was read, one after the other. */
  readonly #asked = new Uint8Array(BATCH_BYTES);
  #askedBytes = 0;
  #connections: BatchedConnection[] = [];
  /** Empty: the two take turns. */
  #answered: BatchedConnection[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param bytes that were read: {@link READ_BYTES} at most
   * @returns a copy of them, which is valid until the connection has answered
   */
  add(connection: BatchedConnection, bytes: Uint8Array): Uint8Array {
    if (this.#askedBytes + bytes.length > BATCH_BYTES) this.#answer();
    const start = this.#askedBytes;
    this.#askedBytes += bytes.length;
    this.#asked.set(bytes, start);
    if (this.#connections.push(connection) === 1) setImmediate(this.#answer);
    return this.#asked.subarray(start, this.#askedBytes);
  }

  readonly #answer = (): void => {
    const connections = this.#connections;
    this.#connections = this.#answered;
    for (const connection of connections) connection.answer();
    const now = this.#clock.now();
    for (const connection of connections) connection.write(now);
    connections.length = 0;
    this.#answered = connections;
    this.#askedBytes = 0;
    this.memory.recycle();
  };
}

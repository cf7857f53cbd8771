import type { Clock } from '../../../../util/index.ts';
import { RecycledMemory } from './recycled-memory.ts';
import { READ_BYTES } from './tcp-handle.ts';

/** Bytes of requests that are answered together. */
const BATCH_BYTES = 2 * READ_BYTES;

/** A connection from which requests were read. */
export interface BatchedConnection {
  /** Makes the responses to the requests that were read. */
  answer(): void;
  /**
   * Writes the responses.
   *
   * @param now the time of the port's clock
   */
  write(now: number): void;
}

/**
 * The requests of a port that are answered together. When everything was read that the kernel had, all responses are made,
 * and then all are written. One by one, the kernel's work for each would drive the tracker's code and memory out of the
 * processor's caches, and the client's machine would be woken for each.
 */
export class ResponseBatch {
  /** The memory of the responses. */
  readonly memory = new RecycledMemory();
  readonly #clock: Clock;
  /** The bytes that were read, one connection's behind the other's. */
  readonly #asked = new Uint8Array(BATCH_BYTES);
  #askedBytes = 0;
  #connections: BatchedConnection[] = [];
  /** The list that is used when the other one is being answered; it is empty. */
  #answered: BatchedConnection[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Adds a connection from which bytes were read.
   *
   * @param bytes at most {@link READ_BYTES} bytes
   * @returns a copy of them, which is valid until the connection has made its responses
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

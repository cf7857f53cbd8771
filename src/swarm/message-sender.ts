import type { Connection } from '../net/index.ts';
import type { SendMemory } from './send-memory.ts';

/** A piece of memory that must not change while parts of it wait to be sent, possibly to several peers. */
export interface RetainedBytes {
  /** Keeps the memory unchanged until {@link release} was called as often as this. */
  retain(): void;
  /** Undoes one call of {@link retain}. */
  readonly release: () => void;
}

/** The bytes of the longest message that always shares a buffer with others. */
const SMALL_MESSAGE_BYTES = 256;
/** The bytes of the longest message that may share the buffer while others wait to leave: a full pipeline of requests. */
const MIDDLE_MESSAGE_BYTES = 20 * 1024;
/** The bytes of a new buffer for small messages. That many are usual at once. */
const FIRST_BUFFER_BYTES = 512;
const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Hands messages to a connection in as few pieces of memory as possible, because each piece costs a system call and, while
 * it waits, many times the bytes of a small message. Blocks that are neighbours in memory leave as one piece, and small
 * messages share one buffer, which stays here while earlier bytes wait to leave.
 */
export class MessageSender {
  readonly #connection: Connection;
  readonly #memory: SendMemory;
  /** Bytes of `#source` that are held back in case their neighbours follow; `undefined` when there are none. */
  #held: Uint8Array | undefined;
  #source: RetainedBytes | undefined;
  /** The buffer of small messages, which leave behind the bytes that are held back. A single message is not copied. */
  #small = NO_BYTES;
  #smallLength = 0;
  /** The number of pieces that were handed to the connection and have not left yet. */
  #writes = 0;
  #sentBytes = 0;

  /** @param memory counts the bytes being sent to all peers of the session */
  constructor(connection: Connection, memory: SendMemory) {
    this.#connection = connection;
    this.#memory = memory;
  }

  /** The bytes that have not left yet. */
  get bytesWaiting(): number {
    return this.#connection.bytesWaiting + (this.#held?.length ?? 0) + this.#smallLength;
  }

  /** The bytes of small messages that wait here. */
  get smallBytesWaiting(): number {
    return this.#smallLength;
  }

  /** The bytes that have left, or never will because the connection ended. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Sends a message behind all others. A small one leaves at {@link flush}, once all bytes before it have left. */
  send(bytes: Uint8Array): void {
    this.#flushHeld();
    const mayWait = bytes.length <= MIDDLE_MESSAGE_BYTES && this.#writes > 0;
    if (bytes.length > SMALL_MESSAGE_BYTES && !mayWait) {
      this.#flushSmall();
      this.#write(bytes);
      return;
    }
    if (this.#smallLength === 0) this.#small = bytes;
    else {
      this.#reserve(bytes.length);
      this.#small.set(bytes, this.#smallLength);
    }
    this.#smallLength += bytes.length;
  }

  /** Sends a message that is a part of `source`, which is retained until the message has left. It leaves at {@link flush}. */
  sendFrom(source: RetainedBytes, bytes: Uint8Array): void {
    const held = this.#held;
    if (held !== undefined && this.#source === source && held.byteOffset + held.length === bytes.byteOffset) {
      this.#held = new Uint8Array(held.buffer, held.byteOffset, held.length + bytes.length);
      return;
    }
    this.#flushHeld();
    this.#flushSmall();
    source.retain();
    this.#source = source;
    this.#held = bytes;
  }

  /** Hands over the bytes that are held back, and small messages unless other bytes wait to leave before them. */
  flush(): void {
    this.#flushHeld();
    if (this.#writes === 0) this.#flushSmall();
  }

  #flushHeld(): void {
    if (this.#held === undefined) return;
    const [held, source] = [this.#held, this.#source!];
    this.#held = undefined;
    this.#write(held, source.release);
  }

  #flushSmall(): void {
    if (this.#smallLength === 0) return;
    const isFull = this.#smallLength === this.#small.length;
    const bytes = isFull ? this.#small : this.#small.subarray(0, this.#smallLength);
    this.#small = NO_BYTES;
    this.#smallLength = 0;
    this.#write(bytes);
  }

  #write(bytes: Uint8Array, onSent?: () => void): void {
    this.#writes += 1;
    this.#memory.bytes += bytes.length;
    this.#connection.write(bytes, () => {
      this.#writes -= 1;
      this.#memory.bytes -= bytes.length;
      this.#sentBytes += bytes.length;
      onSent?.();
      if (this.#writes === 0) this.#flushSmall();
    });
  }

  #reserve(length: number): void {
    const needed = this.#smallLength + length;
    if (needed <= this.#small.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#small.length, FIRST_BUFFER_BYTES));
    larger.set(this.#small.subarray(0, this.#smallLength));
    this.#small = larger;
  }
}

import type { Connection } from '../net/index.ts';
import type { SendMemory } from './send-memory.ts';

/** Memory whose parts are sent to several peers, and which must not change while a part waits to leave. */
export interface RetainedBytes {
  /** Keeps the memory as it is until {@link release} was called as often. */
  retain(): void;
  readonly release: () => void;
}

/** Bytes of the longest message that is always put together with others. */
const SMALL_MESSAGE_BYTES = 256;
/** Bytes of the longest one that waits with the small ones for those before it to leave: a full pipeline of requests. */
const MIDDLE_MESSAGE_BYTES = 20 * 1024;
/** Bytes that a buffer for small messages begins with; as many are usual in one go. */
const FIRST_BUFFER_BYTES = 512;
const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Hands messages to a connection in as few pieces of memory as can be, as each costs a system call and, while it waits,
 * many times the bytes of a small message: blocks that stand one behind the other in a run as one, and small messages
 * put together. While bytes wait to leave, small messages wait here for them, in one buffer.
 */
export class MessageSender {
  readonly #connection: Connection;
  readonly #memory: SendMemory;
  /** What is held back, in case more follows: bytes of `#source`. */
  #held: Uint8Array | undefined;
  #source: RetainedBytes | undefined;
  /** Messages that go behind all that was handed over, and behind what is held back; the only one is not copied. */
  #small = NO_BYTES;
  #smallLength = 0;
  /** Pieces of memory handed over that have not left yet. */
  #writes = 0;
  #sentBytes = 0;

  /** @param memory counts what is being sent to all peers */
  constructor(connection: Connection, memory: SendMemory) {
    this.#connection = connection;
    this.#memory = memory;
  }

  /** Bytes that have not left yet. */
  get bytesWaiting(): number {
    return this.#connection.bytesWaiting + (this.#held?.length ?? 0) + this.#smallLength;
  }

  /** Bytes of small messages that wait here. */
  get smallBytesWaiting(): number {
    return this.#smallLength;
  }

  /** Bytes that have left, or never will. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Sends a message behind all others; a small one leaves with {@link flush}, once all before it have left. */
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

  /** As {@link send}, of bytes of `run`, which is retained until they have left; not before {@link flush}. */
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

  /** Hands over what is held back, and small messages unless others wait to leave before them. */
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

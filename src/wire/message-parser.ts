import { checkArgument, readUint32, valueRules } from '../util/index.ts';
import { PIECE_HEADER_BYTES } from './limits.ts';
import type { MessageHandler } from './message-handler.ts';
import { MessageId } from './message-id.ts';
import { checkMessageLength } from './message-length.ts';
import { MESSAGE_READERS } from './message-readers.ts';

const LENGTH_BYTES = 4;
/** Length and id. */
const HEADER_BYTES = 5;
/** What is kept to hold a message that was cut: enough for every message of fixed length. */
const HELD_BYTES = 64;

/**
 * Turns the bytes after the handshake into calls of a {@link MessageHandler}. However the stream is cut, the calls are
 * the same, save for how a block is divided over `onPieceData`.
 *
 * Blocks are passed on as they arrive and never held; of other messages only one that was cut is held.
 */
export class MessageParser {
  readonly #bitfieldBytes: number;
  /** The start of a message that was cut. */
  #held: Uint8Array = new Uint8Array(HELD_BYTES);
  #heldLength = 0;
  /** Where we are in a block. */
  #blockOffset = 0;
  #blockLength = 0;
  /** Bytes of an unknown message still to be passed over. */
  #skip = 0;
  #stopped = false;

  constructor(pieceCount: number) {
    checkArgument('new MessageParser()', 'pieceCount', pieceCount, valueRules.count);
    this.#bitfieldBytes = Math.ceil(pieceCount / 8);
  }

  /**
   * Reads the next bytes of the stream. After {@link stop}, or after it has thrown, it ignores what it is given.
   *
   * @param bytes not kept, not changed
   * @param handler must not call `push`; what it throws comes out of here
   * @throws {WireError} `BAD_LENGTH`, `MESSAGE_TOO_LARGE`
   */
  push(bytes: Uint8Array, handler: MessageHandler): void {
    checkArgument('push()', 'bytes', bytes, valueRules.bytes);
    try {
      let at = 0;
      while (at < bytes.length && !this.#stopped) at = this.#step(bytes, at, handler);
    } catch (error) {
      this.#stopped = true;
      throw error;
    }
  }

  /** Ends the parser, also from within a handler's method: no method is called after that. */
  stop(): void {
    this.#stopped = true;
  }

  /** Reads on at `at`. @returns where to go on */
  #step(bytes: Uint8Array, at: number, handler: MessageHandler): number {
    if (this.#blockLength > 0) return this.#passBlock(bytes, at, handler);
    if (this.#skip > 0) {
      const passed = Math.min(this.#skip, bytes.length - at);
      this.#skip -= passed;
      return at + passed;
    }
    if (this.#heldLength > 0) return this.#complete(bytes, at, handler);

    const needed = this.#bytesNeeded(bytes, at, bytes.length - at);
    if (at + needed > bytes.length) return this.#hold(bytes, at, bytes.length);
    this.#dispatch(bytes, at, needed, handler);
    return at + needed;
  }

  #passBlock(bytes: Uint8Array, at: number, handler: MessageHandler): number {
    const offset = this.#blockOffset;
    const end = Math.min(bytes.length, at + this.#blockLength - offset);
    const isLast = offset + end - at === this.#blockLength;
    this.#blockOffset = isLast ? 0 : offset + end - at;
    if (isLast) this.#blockLength = 0;
    handler.onPieceData(bytes.subarray(at, end), offset);
    if (isLast && !this.#stopped) handler.onPieceEnd();
    return end;
  }

  /** Adds to the message that was cut, and when that makes it whole, hands it out. */
  #complete(bytes: Uint8Array, at: number, handler: MessageHandler): number {
    const needed = this.#bytesNeeded(this.#held, 0, this.#heldLength);
    const end = this.#hold(bytes, at, Math.min(bytes.length, at + needed - this.#heldLength));
    if (this.#bytesNeeded(this.#held, 0, this.#heldLength) > this.#heldLength) return end;
    const held = this.#held;
    const length = this.#heldLength;
    this.#heldLength = 0;
    if (held.length > HELD_BYTES) this.#held = new Uint8Array(HELD_BYTES);
    this.#dispatch(held, 0, length, handler);
    return end;
  }

  /** Memory follows the bytes that came, not the length that was promised. */
  #hold(bytes: Uint8Array, at: number, end: number): number {
    const length = this.#heldLength + end - at;
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#held.length));
      larger.set(this.#held.subarray(0, this.#heldLength));
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(at, end), this.#heldLength);
    this.#heldLength = length;
    return end;
  }

  /** How many bytes of the message at `at` must be there before something can be made of it. */
  #bytesNeeded(bytes: Uint8Array, at: number, available: number): number {
    if (available < LENGTH_BYTES) return LENGTH_BYTES;
    const length = readUint32(bytes, at);
    if (length === 0) return LENGTH_BYTES;
    if (available === LENGTH_BYTES) return HEADER_BYTES;
    const id = bytes[at + LENGTH_BYTES]!;
    checkMessageLength(id, length, this.#bitfieldBytes);
    if (id === MessageId.piece) return PIECE_HEADER_BYTES;
    return MESSAGE_READERS[id] === undefined ? HEADER_BYTES : LENGTH_BYTES + length;
  }

  /** Hands out what stands in [at, at + needed): a message, or the start of a `piece` or of an unknown one. */
  #dispatch(bytes: Uint8Array, at: number, needed: number, handler: MessageHandler): void {
    if (needed === LENGTH_BYTES) {
      handler.onKeepAlive();
      return;
    }
    const id = bytes[at + LENGTH_BYTES]!;
    const read = MESSAGE_READERS[id];
    if (read !== undefined) {
      read(handler, bytes, at + HEADER_BYTES, at + needed);
    } else if (id === MessageId.piece) {
      this.#startBlock(bytes, at, handler);
    } else {
      this.#skip = readUint32(bytes, at) - 1;
      handler.onUnknown(id, this.#skip);
    }
  }

  #startBlock(bytes: Uint8Array, at: number, handler: MessageHandler): void {
    const length = readUint32(bytes, at) + LENGTH_BYTES - PIECE_HEADER_BYTES;
    this.#blockLength = length;
    handler.onPieceStart(readUint32(bytes, at + 5), readUint32(bytes, at + 9), length);
    if (length === 0 && !this.#stopped) handler.onPieceEnd();
  }
}

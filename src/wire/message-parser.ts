import { checkArgument, readUint32, valueRules } from '../util/index.ts';
import { MAX_EXTENDED_BYTES, PIECE_HEADER_BYTES } from './limits.ts';
import type { MessageHandler } from './message-handler.ts';
import { MessageId } from './message-id.ts';
import { checkMessageLength } from './message-length.ts';
import { MESSAGE_READERS } from './message-readers.ts';

const LENGTH_BYTES = 4;
/** The bytes of a message's length and id. */
const HEADER_BYTES = 5;
/** The bytes of memory for a message that has come in part: enough for every message of a fixed length. */
const HELD_BYTES = 64;

/** The options of a {@link MessageParser}. */
export interface MessageParserOptions {
  /**
   * Tells the most bytes of payload of an extended message with this id. A longer message is skipped without being held.
   * The function must always return the same number for an id. The default is {@link MAX_EXTENDED_BYTES} for all ids.
   *
   * @see BEP 10
   */
  readonly maxExtendedBytes?: (extendedId: number) => number;
}

/**
 * A parser that turns the bytes after the handshake into calls of a {@link MessageHandler}. The calls do not depend on how
 * the stream is cut, except that a block may come in more or fewer calls of `onBlockData`.
 *
 * The parser passes the bytes of blocks on as they arrive. It holds at most one other message, the one that has come in
 * part.
 */
export class MessageParser {
  readonly #bitfieldBytes: number;
  readonly #maxExtendedBytes: (extendedId: number) => number;
  /** The start of a message that has come in part. */
  #held: Uint8Array = new Uint8Array(HELD_BYTES);
  #heldLength = 0;
  /** The number of bytes of the current block that have come. */
  #blockOffset = 0;
  #blockLength = 0;
  /** The bytes of a message that are still to be skipped. */
  #skip = 0;
  #stopped = false;
  #messageCount = 0;

  constructor(pieceCount: number, options: MessageParserOptions = {}) {
    checkArgument('new MessageParser()', 'pieceCount', pieceCount, valueRules.count);
    this.#bitfieldBytes = Math.ceil(pieceCount / 8);
    this.#maxExtendedBytes = options.maxExtendedBytes ?? (() => MAX_EXTENDED_BYTES);
  }

  /** The bytes of memory that hold the start of a message that is not whole yet; 0 when there is none. */
  get heldBytes(): number {
    return this.#heldLength === 0 ? 0 : this.#held.length;
  }

  /** The number of messages that have been passed on so far, or have begun to be. */
  get messageCount(): number {
    return this.#messageCount;
  }

  /**
   * Reads the next bytes of the stream. After {@link stop}, or after it has thrown, it ignores all bytes.
   *
   * @param bytes neither kept nor changed
   * @param handler must not call `push`; its errors are thrown from here
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

  /** Ends the parser. No method of the handler is called after that, even if one of them calls this. */
  stop(): void {
    this.#stopped = true;
  }

  /** Reads one message, or a part of one, at `at`. @returns the offset at which to go on */
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
    handler.onBlockData(bytes.subarray(at, end), offset);
    if (isLast && !this.#stopped) handler.onBlockEnd();
    return end;
  }

  /** Adds bytes to the message that has come in part, and passes it on when it is whole. */
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

  /** Holds bytes of a message. The memory grows with the bytes that came, not with the length that the message claims. */
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

  /** Counts the bytes of the message at `at` that must be there before the parser can go on. */
  #bytesNeeded(bytes: Uint8Array, at: number, available: number): number {
    if (available < LENGTH_BYTES) return LENGTH_BYTES;
    const length = readUint32(bytes, at);
    if (length === 0) return LENGTH_BYTES;
    if (available === LENGTH_BYTES) return HEADER_BYTES;
    const id = bytes[at + LENGTH_BYTES]!;
    checkMessageLength(id, length, this.#bitfieldBytes);
    if (id === MessageId.piece) return PIECE_HEADER_BYTES;
    if (id === MessageId.extended) {
      if (available <= HEADER_BYTES) return HEADER_BYTES + 1;
      const isTooLong = length - 2 > this.#maxExtendedBytes(bytes[at + HEADER_BYTES]!);
      return isTooLong ? HEADER_BYTES + 1 : LENGTH_BYTES + length;
    }
    return MESSAGE_READERS[id] === undefined ? HEADER_BYTES : LENGTH_BYTES + length;
  }

  /** Passes on the bytes [at, at + needed): a whole message, or the start of a `piece` or of a message to be skipped. */
  #dispatch(bytes: Uint8Array, at: number, needed: number, handler: MessageHandler): void {
    this.#messageCount += 1;
    if (needed === LENGTH_BYTES) {
      handler.onKeepAlive();
      return;
    }
    const id = bytes[at + LENGTH_BYTES]!;
    if (id === MessageId.piece) {
      this.#startBlock(bytes, at, handler);
      return;
    }
    const length = readUint32(bytes, at);
    const read = MESSAGE_READERS[id];
    this.#skip = LENGTH_BYTES + length - needed;
    if (read === undefined || this.#skip > 0) handler.onUnknown(id, length - 1);
    else read(handler, bytes, at + HEADER_BYTES, at + needed);
  }

  #startBlock(bytes: Uint8Array, at: number, handler: MessageHandler): void {
    const length = readUint32(bytes, at) + LENGTH_BYTES - PIECE_HEADER_BYTES;
    this.#blockLength = length;
    handler.onBlockStart(readUint32(bytes, at + 5), readUint32(bytes, at + 9), length);
    if (length === 0 && !this.#stopped) handler.onBlockEnd();
  }
}

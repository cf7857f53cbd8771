import { OWN_MEMORY, type ResponseMemory } from './response-memory.ts';

const ZERO = 0x30;

/**
 * Writes bencode into a buffer of known size. It is on the hot path of a tracker, where building a tree of values first
 * would cost more than the rest of the response. The caller gives keys in sorted order and enough room.
 *
 * @see BEP 3, `bencoding`
 */
export class BencodeWriter {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #at: number;

  /** @param size the most bytes that will be written */
  constructor(size: number, memory: ResponseMemory = OWN_MEMORY) {
    this.#bytes = memory.take(memory.room + size);
    this.#start = memory.start;
    this.#at = memory.start + memory.room;
    this.#end = this.#at + size;
  }

  /** Writes ready bencode, in ASCII: `d8:intervali`. */
  literal(ascii: string): void {
    const bytes = this.#bytes;
    const start = this.#at;
    for (let at = 0; at < ascii.length; at += 1) bytes[start + at] = ascii.charCodeAt(at);
    this.#at = start + ascii.length;
  }

  /** Writes a byte string: its length, a colon, the bytes. */
  string(bytes: Uint8Array): void {
    this.#digits(bytes.length);
    this.#bytes[this.#at++] = 0x3a;
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Writes a whole number from 0 as `i…e`. */
  integer(value: number): void {
    this.#bytes[this.#at++] = 0x69;
    this.#digits(value);
    this.#bytes[this.#at++] = 0x65;
  }

  /** Writes a key, given as bencode, and its number. */
  entry(key: string, value: number): void {
    this.literal(key);
    this.integer(value);
  }

  /**
   * Gives the bytes written so far, behind the memory's room: a view.
   *
   * @throws {RangeError} when they are more than `size`: they may overlap with other responses
   */
  finish(): Uint8Array {
    if (this.#at > this.#end) throw new RangeError(`Wrote ${this.#at - this.#end} bytes too many`);
    return this.#bytes.subarray(this.#start, this.#at);
  }

  #digits(value: number): void {
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits += 1;
    let rest = value;
    for (let at = this.#at + digits - 1; at >= this.#at; at -= 1) {
      const digit = rest % 10;
      this.#bytes[at] = ZERO + digit;
      rest = (rest - digit) / 10;
    }
    this.#at += digits;
  }
}

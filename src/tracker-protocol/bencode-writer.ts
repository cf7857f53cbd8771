const ZERO = 0x30;

/**
 * Writes bencode into a buffer of known size: the hot path of a tracker, where building a tree of values first would
 * cost more than the answer. The caller gives keys in sorted order and room enough.
 *
 * @see BEP 3, `bencoding`
 */
export class BencodeWriter {
  readonly #buffer: Buffer;
  #at = 0;

  /** @param size bytes, an upper bound of what will be written */
  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  /** Bencode that is known beforehand, in ASCII: `d8:intervali`. */
  literal(ascii: string): void {
    for (let at = 0; at < ascii.length; at += 1) this.#buffer[this.#at + at] = ascii.charCodeAt(at);
    this.#at += ascii.length;
  }

  /** A byte string: its length, a colon, the bytes. */
  string(bytes: Uint8Array): void {
    this.#digits(bytes.length);
    this.#buffer[this.#at++] = 0x3a;
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** A whole number from 0 as `i…e`. */
  integer(value: number): void {
    this.#buffer[this.#at++] = 0x69;
    this.#digits(value);
    this.#buffer[this.#at++] = 0x65;
  }

  /** A key, given as bencode, and its number. */
  entry(key: string, value: number): void {
    this.literal(key);
    this.integer(value);
  }

  /** The bytes written so far: a view. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  #digits(value: number): void {
    let divisor = 1;
    while (value / divisor >= 10) divisor *= 10;
    for (let rest = value; divisor >= 1; divisor /= 10) {
      const digit = Math.floor(rest / divisor);
      this.#buffer[this.#at++] = ZERO + digit;
      rest -= digit * divisor;
    }
  }
}

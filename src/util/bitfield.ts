/** The number of bits that are set in each byte. */
const BITS_IN = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0;
  for (let rest = byte; rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
});

/**
 * A set of piece indices in [0, length), stored as it goes over the wire: the high bit of the first byte is piece 0,
 * spare bits at the end are zero. Reading {@link count} costs nothing: the number is kept up to date.
 *
 * @see BEP 3, `bitfield`
 */
export class Bitfield {
  /** The number of pieces of the torrent. */
  readonly length: number;
  readonly #bytes: Uint8Array;
  #count = 0;

  constructor(length: number) {
    this.length = length;
    this.#bytes = new Uint8Array(Math.ceil(length / 8));
  }

  /** A set with every piece in it. */
  static full(length: number): Bitfield {
    const bitfield = new Bitfield(length);
    bitfield.#bytes.fill(0xff);
    if (length % 8 !== 0) bitfield.#bytes[bitfield.#bytes.length - 1] = 0xff << (8 - (length % 8));
    bitfield.#count = length;
    return bitfield;
  }

  /**
   * Reads a `bitfield` payload; the bytes are copied.
   *
   * @returns `undefined` when there are too few or too many bytes, or a spare bit is set
   */
  static fromBytes(bytes: Uint8Array, length: number): Bitfield | undefined {
    if (bytes.length !== Math.ceil(length / 8)) return undefined;
    if (length % 8 !== 0 && (bytes[bytes.length - 1]! & (0xff >> (length % 8))) !== 0) return undefined;
    const bitfield = new Bitfield(length);
    bitfield.#bytes.set(bytes);
    for (const byte of bytes) bitfield.#count += BITS_IN[byte]!;
    return bitfield;
  }

  /** The number of pieces in the set. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** The bytes as a `bitfield` message carries them: a view, not to be written to. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  has(index: number): boolean {
    return (this.#bytes[index >> 3]! & (0x80 >> (index & 7))) !== 0;
  }

  /** @returns whether this changed anything */
  add(index: number): boolean {
    this.#check(index);
    if (this.has(index)) return false;
    this.#bytes[index >> 3]! |= 0x80 >> (index & 7);
    this.#count += 1;
    return true;
  }

  /** @returns whether this changed anything */
  delete(index: number): boolean {
    this.#check(index);
    if (!this.has(index)) return false;
    this.#bytes[index >> 3]! &= ~(0x80 >> (index & 7));
    this.#count -= 1;
    return true;
  }

  /** Tells whether this set has a piece that `other` lacks. Both must have the same length. */
  hasAnyNotIn(other: Bitfield): boolean {
    if (this.#count > other.#count) return true;
    for (let at = 0; at < this.#bytes.length; at += 1) {
      if ((this.#bytes[at]! & ~other.#bytes[at]!) !== 0) return true;
    }
    return false;
  }

  /** Counts the pieces of this set that `other` lacks. Both must have the same length. */
  countNotIn(other: Bitfield): number {
    let count = 0;
    for (let at = 0; at < this.#bytes.length; at += 1)
      count += BITS_IN[this.#bytes[at]! & ~other.#bytes[at]!]!;
    return count;
  }

  clone(): Bitfield {
    const copy = new Bitfield(this.length);
    copy.#bytes.set(this.#bytes);
    copy.#count = this.#count;
    return copy;
  }

  #check(index: number): void {
    if (!(index >= 0 && index < this.length)) {
      throw new RangeError(`Cannot use piece ${index}: there are ${this.length} pieces`);
    }
  }
}

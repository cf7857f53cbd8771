import { indexRowBytes, KeyIndex, type Span } from './key-index.ts';

export const PEER_ID_BYTES = 20;
/** Of a row: when the peer was last heard of, and the tail of its id. */
const NUMBER_BYTES = 8;

/**
 * Room for peers of one family. Those of a table stand together, so that an announce finds what it needs in one or two
 * pages of memory, and there in columns: slots, addresses, times, tails of peer ids, peer ids. Addresses are in a row as
 * an answer carries them, so that picking peers is copying bytes.
 */
export class PeerRows {
  readonly bytes: Buffer;
  /** Bytes of a peer. */
  readonly rowBytes: number;
  readonly index: KeyIndex;
  /** The same memory as numbers of 32 bits. */
  readonly #numbers: Int32Array;

  /**
   * @param capacity peers of all tables
   * @param maxTableCapacity of one table; where that is more than 255, it is an even number for each
   */
  constructor(capacity: number, addressSize: number, hashSeed: number, maxTableCapacity: number) {
    this.rowBytes = indexRowBytes(addressSize, maxTableCapacity) + NUMBER_BYTES + PEER_ID_BYTES;
    const memory = new ArrayBuffer(capacity * this.rowBytes);
    this.bytes = Buffer.from(memory);
    this.#numbers = new Int32Array(memory);
    this.index = new KeyIndex(memory, addressSize, hashSeed, maxTableCapacity);
  }

  /** Bytes of an address: 6 or 18. */
  get addressSize(): number {
    return this.index.keySize;
  }

  /** @returns the byte where a row's address stands; those of the next rows follow */
  addressAt(table: Span, row: number): number {
    return this.index.keyAt(table, row);
  }

  /** @returns the byte where a row's peer id stands; those of the next rows follow */
  peerIdAt(table: Span, row: number): number {
    return this.index.endOf(table) + table.capacity * NUMBER_BYTES + row * PEER_ID_BYTES;
  }

  /** When a peer was last heard of, in whole seconds; before the clock's zero when it is older than the process. */
  seenAt(table: Span, row: number): number {
    return this.#numbers[this.#timesOf(table) + row]!;
  }

  setSeenAt(table: Span, row: number, second: number): void {
    this.#numbers[this.#timesOf(table) + row] = second;
  }

  /** Copies a table from where it was to where it is now, which may have room for more, and makes its rows findable. */
  moveIn(from: PeerRows, old: Span, table: Span): void {
    const { count } = table;
    const { bytes } = this;
    from.bytes.copy(bytes, this.addressAt(table, 0), from.addressAt(old, 0), from.addressAt(old, count));
    from.bytes.copy(bytes, this.peerIdAt(table, 0), from.peerIdAt(old, 0), from.peerIdAt(old, count));
    const [times, oldTimes] = [this.#timesOf(table), from.#timesOf(old)];
    const [tails, oldTails] = [this.#tailsOf(table), from.#tailsOf(old)];
    for (let row = 0; row < count; row += 1) {
      this.#numbers[times + row] = from.#numbers[oldTimes + row]!;
      this.#numbers[tails + row] = from.#numbers[oldTails + row]!;
    }
    this.index.build(table);
  }

  setAddress(table: Span, row: number, address: Uint8Array): void {
    const { addressSize } = this;
    const start = this.addressAt(table, row);
    for (let at = 0; at < addressSize; at += 1) this.bytes[start + at] = address[at]!;
  }

  setPeerId(table: Span, row: number, peerId: Uint8Array): void {
    const start = this.peerIdAt(table, row);
    for (let at = 0; at < PEER_ID_BYTES; at += 1) this.bytes[start + at] = peerId[at]!;
    this.#numbers[this.#tailsOf(table) + row] = tailOf(peerId);
  }

  /** @returns the first of the rows [from, to) with this peer id, or `to` */
  findPeerId(table: Span, from: number, to: number, peerId: Uint8Array): number {
    const numbers = this.#numbers;
    const tails = this.#tailsOf(table);
    const tail = tailOf(peerId);
    for (let row = from; row < to; row += 1) {
      if (numbers[tails + row] === tail && this.#hasPeerId(table, row, peerId)) return row;
    }
    return to;
  }

  swapRows(table: Span, a: number, b: number): void {
    swapBytes(this.bytes, this.addressAt(table, a), this.addressAt(table, b), this.addressSize);
    swapBytes(this.bytes, this.peerIdAt(table, a), this.peerIdAt(table, b), PEER_ID_BYTES);
    const times = this.#timesOf(table);
    swapNumbers(this.#numbers, times + a, times + b);
    const tails = this.#tailsOf(table);
    swapNumbers(this.#numbers, tails + a, tails + b);
  }

  #timesOf(table: Span): number {
    return this.index.endOf(table) >> 2;
  }

  /** The last four bytes of each peer id once more: enough to tell most apart, and close together. */
  #tailsOf(table: Span): number {
    return this.#timesOf(table) + table.capacity;
  }

  #hasPeerId(table: Span, row: number, peerId: Uint8Array): boolean {
    const start = this.peerIdAt(table, row);
    for (let at = 0; at < PEER_ID_BYTES; at += 1) if (this.bytes[start + at] !== peerId[at]) return false;
    return true;
  }
}

function tailOf(peerId: Uint8Array): number {
  return (peerId[16]! << 24) | (peerId[17]! << 16) | (peerId[18]! << 8) | peerId[19]!;
}

function swapNumbers(numbers: Int32Array, a: number, b: number): void {
  const number = numbers[a]!;
  numbers[a] = numbers[b]!;
  numbers[b] = number;
}

/** @param a where `size` bytes start that change places with those from `b` on */
export function swapBytes(bytes: Uint8Array, a: number, b: number, size: number): void {
  for (let at = 0; at < size; at += 1) {
    const byte = bytes[a + at]!;
    bytes[a + at] = bytes[b + at]!;
    bytes[b + at] = byte;
  }
}

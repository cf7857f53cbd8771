import { PEER_ID_BYTES } from '../../../util/index.ts';
import { KeyIndex, type Span } from './key-index.ts';
import type { Places } from './places.ts';

/**
 * Rows of peers of one family, in columns. Addresses are stored as a response carries them, so that picking peers is copying
 * bytes.
 */
export class PeerRows {
  readonly addresses: Buffer;
  readonly #addressMemory: ArrayBuffer;
  readonly peerIds: Buffer;
  /** A copy of the last four bytes of each peer id: enough to tell most apart, and close together in memory. */
  readonly #idTails: Int32Array;
  /**
   * Two numbers of each peer, side by side because they are read and written together: {@link seenAt} and {@link holderAt}.
   */
  readonly #heard: Int32Array;
  readonly index: KeyIndex;

  /** @param maxSpanCapacity the most rows of a span in {@link index} */
  constructor(capacity: number, addressSize: number, places: Places, maxSpanCapacity: number) {
    this.#addressMemory = new ArrayBuffer(capacity * addressSize);
    this.addresses = Buffer.from(this.#addressMemory);
    this.peerIds = Buffer.alloc(capacity * PEER_ID_BYTES);
    this.#idTails = new Int32Array(capacity);
    this.#heard = new Int32Array(capacity * 2);
    this.index = new KeyIndex(this.addresses, addressSize, places, maxSpanCapacity);
  }

  /** The number of bytes of an address: 6 or 18. */
  get addressSize(): number {
    return this.index.keySize;
  }

  /** Copies rows of another object into a span, and adds them to its index. */
  moveIn(from: PeerRows, fromStart: number, span: Span): void {
    const { start, count } = span;
    const end = fromStart + count;
    const { addressSize } = this;
    from.addresses.copy(this.addresses, start * addressSize, fromStart * addressSize, end * addressSize);
    from.peerIds.copy(this.peerIds, start * PEER_ID_BYTES, fromStart * PEER_ID_BYTES, end * PEER_ID_BYTES);
    for (let row = 0; row < count; row += 1) {
      this.#idTails[start + row] = from.#idTails[fromStart + row]!;
      this.setHeard(start + row, from.seenAt(fromStart + row), from.holderAt(fromStart + row));
    }
    this.index.build(span);
  }

  /**
   * Copies the addresses of rows. `addresses.copy()` would take twice as long, because it looks up the memory each time.
   *
   * @param at the offset in `into` at which they are written
   */
  copyAddresses(from: number, to: number, into: Uint8Array, at: number): void {
    const size = this.addressSize;
    into.set(new Uint8Array(this.#addressMemory, from * size, (to - from) * size), at);
  }

  /** Copies the address of one row: byte by byte, which is faster than a copy of memory so small. */
  copyAddress(row: number, into: Uint8Array, at: number): void {
    copyBytes(this.addresses, row * this.addressSize, this.addressSize, into, at);
  }

  /** Copies the peer id of one row. */
  copyPeerId(row: number, into: Uint8Array, at: number): void {
    copyBytes(this.peerIds, row * PEER_ID_BYTES, PEER_ID_BYTES, into, at);
  }

  setAddress(row: number, address: Uint8Array): void {
    const { addressSize } = this;
    const start = row * addressSize;
    for (let at = 0; at < addressSize; at += 1) this.addresses[start + at] = address[at]!;
  }

  /**
   * Gives the time at which a peer was last heard of, in whole seconds; it is negative when it was before the clock's zero.
   */
  seenAt(row: number): number {
    return this.#heard[2 * row]!;
  }

  /** Gives the holder of the record of a peer: see {@link HolderNumbers}. */
  holderAt(row: number): number {
    return this.#heard[2 * row + 1]!;
  }

  setHeard(row: number, second: number, holder: number): void {
    this.#heard[2 * row] = second;
    this.#heard[2 * row + 1] = holder;
  }

  setPeerId(row: number, peerId: Uint8Array): void {
    const start = row * PEER_ID_BYTES;
    for (let at = 0; at < PEER_ID_BYTES; at += 1) this.peerIds[start + at] = peerId[at]!;
    this.#idTails[row] = tailOf(peerId);
  }

  /** @returns the first of the rows [from, to) with this peer id; `to` when there is none */
  findPeerId(from: number, to: number, peerId: Uint8Array): number {
    const tail = tailOf(peerId);
    for (let row = from; row < to; row += 1) {
      if (this.#idTails[row] === tail && this.#hasPeerId(row, peerId)) return row;
    }
    return to;
  }

  /** Says whether a row has this peer id. */
  isPeer(row: number, peerId: Uint8Array): boolean {
    return this.#idTails[row] === tailOf(peerId) && this.#hasPeerId(row, peerId);
  }

  #hasPeerId(row: number, peerId: Uint8Array): boolean {
    const start = row * PEER_ID_BYTES;
    for (let at = 0; at < PEER_ID_BYTES; at += 1) if (this.peerIds[start + at] !== peerId[at]) return false;
    return true;
  }

  swapRows(a: number, b: number): void {
    swapBytes(this.addresses, a, b, this.addressSize);
    swapBytes(this.peerIds, a, b, PEER_ID_BYTES);
    swapNumbers(this.#idTails, a, b);
    swapNumbers(this.#heard, 2 * a, 2 * b);
    swapNumbers(this.#heard, 2 * a + 1, 2 * b + 1);
  }
}

function tailOf(peerId: Uint8Array): number {
  return (peerId[16]! << 24) | (peerId[17]! << 16) | (peerId[18]! << 8) | peerId[19]!;
}

function copyBytes(from: Uint8Array, start: number, size: number, into: Uint8Array, at: number): void {
  for (let offset = 0; offset < size; offset += 1) into[at + offset] = from[start + offset]!;
}

function swapNumbers(numbers: Int32Array, a: number, b: number): void {
  const number = numbers[a]!;
  numbers[a] = numbers[b]!;
  numbers[b] = number;
}

function swapBytes(bytes: Uint8Array, a: number, b: number, size: number): void {
  for (let at = 0; at < size; at += 1) {
    const byte = bytes[a * size + at]!;
    bytes[a * size + at] = bytes[b * size + at]!;
    bytes[b * size + at] = byte;
  }
}

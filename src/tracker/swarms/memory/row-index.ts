import type { PeerRows } from './peer-rows.ts';

/** Up to so many rows looking at each is as fast as hashing, and most swarms are that small. */
const SCANNED_ROWS = 8;

/**
 * Finds the row of an address: a hash table with open addressing that holds row numbers only, 8 to 16 bytes a peer,
 * where a `Map` would take some 80 and leave garbage. Up to {@link SCANNED_ROWS} rows there is no table at all.
 */
export class RowIndex {
  readonly #rows: PeerRows;
  /** Where hashing starts: random, so that nobody can choose addresses that collide. */
  readonly #seed: number;
  /** Row number plus one; 0 is free. Its length is a power of two, at most half of it is used. */
  #slots: Uint32Array | undefined;

  constructor(rows: PeerRows, seed: number) {
    this.#rows = rows;
    this.#seed = seed;
  }

  /** @param count rows in use @returns -1 when the address is in none of them */
  find(address: Uint8Array, count: number): number {
    if (this.#slots !== undefined) return this.#slots[this.#slotOf(this.#slots, address, 0)]! - 1;
    for (let row = 0; row < count; row += 1) if (this.#rows.hasAddress(row, address, 0)) return row;
    return -1;
  }

  /** Starts over after the rows were resized. */
  rebuild(count: number): void {
    const { capacity } = this.#rows;
    this.#slots = capacity > SCANNED_ROWS ? new Uint32Array(capacity * 2) : undefined;
    for (let row = 0; row < count; row += 1) this.add(row);
  }

  /** @param row its address is set and in no other row */
  add(row: number): void {
    if (this.#slots === undefined) return;
    this.#slots[this.#slotOfRow(this.#slots, row)] = row + 1;
  }

  /** Before two rows change places. */
  swap(a: number, b: number): void {
    if (this.#slots === undefined) return;
    const slotA = this.#slotOfRow(this.#slots, a);
    const slotB = this.#slotOfRow(this.#slots, b);
    this.#slots[slotA] = b + 1;
    this.#slots[slotB] = a + 1;
  }

  /** Before a row goes away. */
  remove(row: number): void {
    const slots = this.#slots;
    if (slots === undefined) return;
    const { addresses, addressSize } = this.#rows;
    const mask = slots.length - 1;
    let hole = this.#slotOfRow(slots, row);
    // Entries after the hole that could not stand where they belong move back, so that no search ends at the hole.
    for (let at = (hole + 1) & mask; slots[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hash(addresses, (slots[at]! - 1) * addressSize) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = slots[at]!;
      hole = at;
    }
    slots[hole] = 0;
  }

  #slotOfRow(slots: Uint32Array, row: number): number {
    return this.#slotOf(slots, this.#rows.addresses, row * this.#rows.addressSize);
  }

  /** The slot that holds the address that starts at `start`, or else the free one where it would go. */
  #slotOf(slots: Uint32Array, bytes: Uint8Array, start: number): number {
    const mask = slots.length - 1;
    let at = this.#hash(bytes, start) & mask;
    while (slots[at] !== 0 && !this.#rows.hasAddress(slots[at]! - 1, bytes, start)) at = (at + 1) & mask;
    return at;
  }

  #hash(bytes: Uint8Array, start: number): number {
    let hash = this.#seed;
    for (let at = start; at < start + this.#rows.addressSize; at += 1) {
      hash = Math.imul(hash ^ bytes[at]!, 0x5bd1_e995);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }
}

import { type Places, placeOf } from './places.ts';

/** Up to so many rows looking at each is as fast as hashing, and most swarms are that small. */
const SCANNED_ROWS = 12;

/** Rows [start, start + count) of the keys, with room up to `start + capacity`. */
export interface Span {
  readonly start: number;
  readonly capacity: number;
  readonly count: number;
}

/** Is shown rows, one after the other. */
export interface RowVisitor {
  visit(row: number): void;
}

/**
 * Finds rows by their key, in spans of rows that do not overlap: each is a hash table of its own, with open addressing.
 *
 * A row has two slots, so that a table is at most half full; they hold row numbers only, 2 or 8 bytes a row where a
 * `Map` would take some 80 and leave garbage. Spans of up to {@link SCANNED_ROWS} rows leave theirs unused.
 */
export class KeyIndex {
  /** Bytes of a key. */
  readonly keySize: number;
  readonly #keys: Uint8Array;
  readonly #places: Places;
  /** Rows counted from their span's start, plus one; 0 is free. */
  readonly #slots: Uint8Array | Uint32Array;

  /**
   * @param keys one after the other, as many as there may be rows; the caller's, who writes them
   * @param places says where in a table each key belongs
   * @param maxCapacity of a span
   */
  constructor(keys: Uint8Array, keySize: number, places: Places, maxCapacity: number) {
    this.#keys = keys;
    this.keySize = keySize;
    this.#places = places;
    const slots = (keys.length / keySize) * 2;
    this.#slots = maxCapacity < 256 ? new Uint8Array(slots) : new Uint32Array(slots);
  }

  /**
   * Finds the row of a key.
   *
   * @param hash of the key, where the caller has it already
   * @returns -1 when the key is in none of the rows
   */
  find(span: Span, key: Uint8Array, hash?: number): number {
    if (span.capacity > SCANNED_ROWS) {
      const held = this.#slots[this.#slotOf(span, key, 0, hash)]!;
      return held === 0 ? -1 : span.start + held - 1;
    }
    for (let row = span.start; row < span.start + span.count; row += 1) {
      if (this.#isAt(row, key, 0)) return row;
    }
    return -1;
  }

  /**
   * Shows `visitor` every row whose key belongs to the group of a key, and some others: those of a group stand close to
   * each other, so this costs no more than a group may have.
   */
  visitGroup(span: Span, key: Uint8Array, visitor: RowVisitor): void {
    if (span.capacity <= SCANNED_ROWS) {
      for (let row = span.start; row < span.start + span.count; row += 1) visitor.visit(row);
      return;
    }
    const first = span.start * 2;
    const size = span.capacity * 2;
    const spread = this.#places.spread(key, 0);
    let at = this.#places.groupHome(key, 0, size);
    for (let looked = 0; looked < size; looked += 1) {
      const held = this.#slots[first + at]!;
      if (held !== 0) visitor.visit(span.start + held - 1);
      // One that found its place taken stands behind the others, without a gap.
      else if (looked >= spread) return;
      at = next(at, size);
    }
  }

  /** Forgets all spans in so many rows. */
  clear(start: number, rows: number): void {
    this.#slots.fill(0, start * 2, (start + rows) * 2);
  }

  /** Fills the table of a span that has just got its place. */
  build(span: Span): void {
    for (let row = span.start; row < span.start + span.count; row += 1) this.add(span, row);
  }

  /** @param row its key is written and in no other row of the span */
  add(span: Span, row: number): void {
    if (span.capacity > SCANNED_ROWS) this.#slots[this.#slotOfRow(span, row)] = row - span.start + 1;
  }

  /** Before two rows change places. */
  swap(span: Span, a: number, b: number): void {
    if (span.capacity <= SCANNED_ROWS) return;
    const slotA = this.#slotOfRow(span, a);
    const slotB = this.#slotOfRow(span, b);
    this.#slots[slotA] = b - span.start + 1;
    this.#slots[slotB] = a - span.start + 1;
  }

  /** Before a row goes away. */
  remove(span: Span, row: number): void {
    if (span.capacity <= SCANNED_ROWS) return;
    const slots = this.#slots;
    const first = span.start * 2;
    const size = span.capacity * 2;
    let hole = this.#slotOfRow(span, row) - first;
    // Entries after the hole that could not stand where they belong move back, so that no search ends at the hole.
    for (let at = next(hole, size); slots[first + at] !== 0; at = next(at, size)) {
      const home = this.#home(span, this.#keys, (span.start + slots[first + at]! - 1) * this.keySize);
      if (distance(home, at, size) < distance(hole, at, size)) continue;
      slots[first + hole] = slots[first + at]!;
      hole = at;
    }
    slots[first + hole] = 0;
  }

  #slotOfRow(span: Span, row: number): number {
    return this.#slotOf(span, this.#keys, row * this.keySize);
  }

  /** The slot that holds the key that starts at `start` in `bytes`, or else the free one where it would go. */
  #slotOf(span: Span, bytes: Uint8Array, start: number, hash?: number): number {
    const slots = this.#slots;
    const first = span.start * 2;
    const size = span.capacity * 2;
    let at = this.#home(span, bytes, start, hash);
    for (;;) {
      const held = slots[first + at]!;
      if (held === 0 || this.#isAt(span.start + held - 1, bytes, start)) return first + at;
      at = next(at, size);
    }
  }

  #home(span: Span, bytes: Uint8Array, start: number, known?: number): number {
    const size = span.capacity * 2;
    return known === undefined ? this.#places.home(bytes, start, size) : placeOf(known, size);
  }

  /** Compared from the end: addresses of one network, and keys that were tried already, begin alike. */
  #isAt(row: number, bytes: Uint8Array, start: number): boolean {
    const keys = this.#keys;
    const own = row * this.keySize;
    for (let at = this.keySize - 1; at >= 0; at -= 1) if (keys[own + at] !== bytes[start + at]) return false;
    return true;
  }
}

function next(at: number, size: number): number {
  return at + 1 === size ? 0 : at + 1;
}

/** Steps from one slot on to another, going round. */
function distance(from: number, to: number, size: number): number {
  return to >= from ? to - from : to - from + size;
}

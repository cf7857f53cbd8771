import { type Places, placeOf } from './places.ts';

/** The number of rows up to which looking at each one is as fast as hashing; most swarms are that small. */
const SCANNED_ROWS = 12;

/** A span of rows [start, start + count), with room up to `start + capacity`. */
export interface Span {
  readonly start: number;
  readonly capacity: number;
  readonly count: number;
}

/** A visitor that is shown rows, one after the other. */
export interface RowVisitor {
  visit(row: number): void;
}

/**
 * Finds rows by their key, in spans of rows that do not overlap. Each span is a hash table of its own, with open addressing.
 *
 * A row has two slots, so that a table is at most half full. Slots hold row numbers only, 2 or 8 bytes a row, where a `Map`
 * would take some 80 and make garbage. Spans of up to {@link SCANNED_ROWS} rows leave theirs unused.
 */
export class KeyIndex {
  /** The number of bytes of a key. */
  readonly keySize: number;
  readonly #keys: Uint8Array;
  readonly #places: Places;
  /** The rows, counted from the start of their span, plus one; 0 is free. */
  readonly #slots: Uint8Array | Uint32Array;

  /**
   * @param keys the keys one after the other, with room for all rows; the caller writes them
   * @param places gives the home slot of each key
   * @param maxCapacity the most rows of a span
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
   * @param hash the hash of the key, if the caller has it already
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
   * Shows `visitor` each row whose key belongs to the group of a key, and some others. The rows of a group are close to each
   * other, so this costs no more than the size of a group.
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
      // A row whose slot was taken is behind the others, without a gap.
      else if (looked >= spread) return;
      at = next(at, size);
    }
  }

  /** Forgets all spans in a range of rows. */
  clear(start: number, rows: number): void {
    this.#slots.fill(0, start * 2, (start + rows) * 2);
  }

  /** Fills the table of a span whose rows have just been placed. */
  build(span: Span): void {
    for (let row = span.start; row < span.start + span.count; row += 1) this.add(span, row);
  }

  /** @param row the row, whose key is written already and in no other row of the span */
  add(span: Span, row: number): void {
    if (span.capacity > SCANNED_ROWS) this.#slots[this.#slotOfRow(span, row)] = row - span.start + 1;
  }

  /** Notes that two rows are about to change places. */
  swap(span: Span, a: number, b: number): void {
    if (span.capacity <= SCANNED_ROWS) return;
    const slotA = this.#slotOfRow(span, a);
    const slotB = this.#slotOfRow(span, b);
    this.#slots[slotA] = b - span.start + 1;
    this.#slots[slotB] = a - span.start + 1;
  }

  /** Notes that a row is about to be removed. */
  remove(span: Span, row: number): void {
    if (span.capacity <= SCANNED_ROWS) return;
    const slots = this.#slots;
    const first = span.start * 2;
    const size = span.capacity * 2;
    let hole = this.#slotOfRow(span, row) - first;
    // Entries after the hole that are not in their home slot move back, so that no search ends at the hole.
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

  /** Finds the slot of the key that starts at `start` in `bytes`, or the free slot where it would go. */
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

  /**
   * Compares keys from the end, because addresses of one network, and keys that were tried already, have the same first
   * bytes.
   */
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

/** Counts the steps from one slot to another, wrapping around. */
function distance(from: number, to: number, size: number): number {
  return to >= from ? to - from : to - from + size;
}

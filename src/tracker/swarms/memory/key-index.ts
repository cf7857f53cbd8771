/** Up to so many rows looking at each is as fast as hashing, and most swarms are that small. */
const SCANNED_ROWS = 12;
/** Slots of a row. */
const SLOTS = 2;

/** Rows up to which a slot is a byte. */
const SMALL_ROWS = 255;

/** A hash table of rows, counted from 0: its slots, and right behind them its keys. */
export interface Span {
  /** The byte where its slots start: a multiple of 4. */
  readonly start: number;
  /** Rows that there is room for. */
  readonly capacity: number;
  readonly count: number;
}

/**
 * Finds rows by their key, in spans that do not overlap: each is a hash table of its own, with open addressing.
 *
 * A row has two slots, so that a table is at most half full; they hold row numbers only, 2 or 8 bytes a row where a
 * `Map` would take some 80 and leave garbage. Spans of up to {@link SCANNED_ROWS} rows leave theirs unused.
 */
export class KeyIndex {
  /** Bytes of a key. */
  readonly keySize: number;
  readonly #bytes: Uint8Array;
  /** The same memory. A slot holds a row's number plus one; 0 is free. */
  readonly #slots: Uint8Array | Uint32Array;
  /** Of a slot, 1 byte or 4: from a byte's place to a slot's. */
  readonly #slotShift: 0 | 2;
  readonly #rowBytes: number;
  /** Where hashing starts: random, so that nobody can choose keys that collide. */
  readonly #seed: number;

  /**
   * @param memory of spans, of which the caller writes the keys
   * @param maxCapacity of a span
   */
  constructor(memory: ArrayBuffer, keySize: number, seed: number, maxCapacity: number) {
    const isSmall = maxCapacity <= SMALL_ROWS;
    this.#bytes = new Uint8Array(memory);
    this.#slots = isSmall ? this.#bytes : new Uint32Array(memory);
    this.#slotShift = isSmall ? 0 : 2;
    this.keySize = keySize;
    this.#rowBytes = indexRowBytes(keySize, maxCapacity);
    this.#seed = seed;
  }

  /** @returns the byte where a row's key stands */
  keyAt({ start, capacity }: Span, row: number): number {
    return start + ((capacity * SLOTS) << this.#slotShift) + row * this.keySize;
  }

  /** @returns the byte where a span's keys end */
  endOf({ start, capacity }: Span): number {
    return start + capacity * this.#rowBytes;
  }

  /** @returns the row, or -1 when the key is in none */
  find(span: Span, key: Uint8Array): number {
    if (span.capacity > SCANNED_ROWS) return this.#slots[this.#slotOf(span, key, 0)]! - 1;
    const { count } = span;
    for (let row = 0, at = this.keyAt(span, 0); row < count; row += 1, at += this.keySize) {
      if (this.#isAt(at, key, 0)) return row;
    }
    return -1;
  }

  /** Fills the table of a span that has just got its place: what is in its slots is of another. */
  build(span: Span): void {
    if (span.capacity <= SCANNED_ROWS) return;
    this.#bytes.fill(0, span.start, this.keyAt(span, 0));
    for (let row = 0; row < span.count; row += 1) this.add(span, row);
  }

  /** @param row its key is written and in no other row of the span */
  add(span: Span, row: number): void {
    if (span.capacity > SCANNED_ROWS) this.#slots[this.#slotOfRow(span, row)] = row + 1;
  }

  /** Before two rows change places. */
  swap(span: Span, a: number, b: number): void {
    if (span.capacity <= SCANNED_ROWS) return;
    const slotA = this.#slotOfRow(span, a);
    const slotB = this.#slotOfRow(span, b);
    this.#slots[slotA] = b + 1;
    this.#slots[slotB] = a + 1;
  }

  /** Before a row goes away. */
  remove(span: Span, row: number): void {
    if (span.capacity <= SCANNED_ROWS) return;
    const slots = this.#slots;
    const first = this.#firstSlot(span);
    const size = span.capacity * SLOTS;
    const keys = this.keyAt(span, 0);
    let hole = this.#slotOfRow(span, row) - first;
    // Entries after the hole that could not stand where they belong move back, so that no search ends at the hole.
    for (let at = next(hole, size); slots[first + at] !== 0; at = next(at, size)) {
      const home = this.#home(size, this.#bytes, keys + (slots[first + at]! - 1) * this.keySize);
      if (distance(home, at, size) < distance(hole, at, size)) continue;
      slots[first + hole] = slots[first + at]!;
      hole = at;
    }
    slots[first + hole] = 0;
  }

  #firstSlot({ start }: Span): number {
    return start >> this.#slotShift;
  }

  #slotOfRow(span: Span, row: number): number {
    return this.#slotOf(span, this.#bytes, this.keyAt(span, row));
  }

  /** The slot that holds the key that starts at `start` in `bytes`, or else the free one where it would go. */
  #slotOf(span: Span, bytes: Uint8Array, start: number): number {
    const slots = this.#slots;
    const first = this.#firstSlot(span);
    const size = span.capacity * SLOTS;
    const keys = this.keyAt(span, 0);
    let at = this.#home(size, bytes, start);
    for (;;) {
      const held = slots[first + at]!;
      if (held === 0 || this.#isAt(keys + (held - 1) * this.keySize, bytes, start)) return first + at;
      at = next(at, size);
    }
  }

  /** The high bits of the hash, as a place in a table of so many slots. */
  #home(size: number, bytes: Uint8Array, start: number): number {
    const hash = hashKey(bytes, start, this.keySize, this.#seed);
    return Math.floor(hash * (1 / 0x1_0000_0000) * size);
  }

  /** Compared from the end: addresses of one network, and keys that were tried already, begin alike. */
  #isAt(own: number, bytes: Uint8Array, start: number): boolean {
    const keys = this.#bytes;
    for (let at = this.keySize - 1; at >= 0; at -= 1) if (keys[own + at] !== bytes[start + at]) return false;
    return true;
  }
}

/** @returns the bytes of a row's slots and key in spans of up to so many rows */
export function indexRowBytes(keySize: number, maxCapacity: number): number {
  return keySize + SLOTS * (maxCapacity <= SMALL_ROWS ? 1 : 4);
}

/** @returns 32 bits */
export function hashKey(bytes: Uint8Array, start: number, size: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < start + size; at += 1) {
    hash = Math.imul(hash ^ bytes[at]!, 0x5bd1_e995);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function next(at: number, size: number): number {
  return at + 1 === size ? 0 : at + 1;
}

/** Steps from one slot on to another, going round. */
function distance(from: number, to: number, size: number): number {
  return to >= from ? to - from : to - from + size;
}

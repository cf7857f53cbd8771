import { PeerRows } from './peer-rows.ts';
import type { Places } from './places.ts';

/** Rows of a page: 21 KB of IPv4 peers. */
export const PAGE_ROWS = 512;
/** Rows of the largest table that shares pages with others; larger ones have rows of their own. */
export const SHARED_TABLE_ROWS = PAGE_ROWS / 4;
/** Pages that are made at once: 2.7 MB of IPv4 peers, of which the kernel gives what is used. */
const SLAB_PAGES = 128;
/**
 * Pages kept that nobody uses, of one address family: 88 MB of IPv4 peers. When all of a million peers expired, giving
 * their pages up and making them anew kept the garbage collector so busy that announces waited for 6 ms and more.
 */
const SPARE_PAGES = 4096;

/** Rows of many pages, in the same columns: a page of its own would be a dozen objects, which no cache holds for all. */
interface Slab {
  readonly rows: PeerRows;
  /** The first row of each page that nobody uses. */
  readonly free: number[];
}

/** {@link PAGE_ROWS} rows of a slab. They are given out from the front, in spans, and not taken back one by one. */
export class RowPage {
  readonly rows: PeerRows;
  readonly slab: Slab;
  readonly start: number;
  #used = 0;

  constructor(slab: Slab, start: number) {
    this.rows = slab.rows;
    this.slab = slab;
    this.start = start;
  }

  /** Rows given out. */
  get used(): number {
    return this.#used;
  }

  /** @returns the first of so many rows, or -1 when there are not as many left */
  take(capacity: number): number {
    if (this.#used + capacity > PAGE_ROWS) return -1;
    const start = this.start + this.#used;
    this.#used += capacity;
    return start;
  }
}

/**
 * Pages of rows for the tables of one address family. All are of one size and used again, for what the garbage collector
 * would free of larger and larger arrays stays with the process.
 */
export class PagePool {
  readonly addressSize: number;
  readonly #places: Places;
  /** Those that have a page to give, but for the others that have become full since. */
  #slabs: Slab[] = [];
  #spare = 0;

  constructor(addressSize: number, places: Places) {
    this.addressSize = addressSize;
    this.#places = places;
  }

  /** @returns an empty page */
  page(): RowPage {
    let slab = this.#slabs.at(-1);
    if (slab === undefined) {
      slab = this.#newSlab();
      this.#slabs.push(slab);
    }
    const start = slab.free.pop()!;
    if (slab.free.length === 0) this.#slabs.pop();
    this.#spare -= 1;
    return new RowPage(slab, start);
  }

  /** @returns rows that are no page */
  rows(capacity: number): PeerRows {
    return new PeerRows(capacity, this.addressSize, this.#places, capacity);
  }

  /** Takes a page back. */
  release({ slab, start }: RowPage): void {
    slab.rows.index.clear(start, PAGE_ROWS);
    if (slab.free.push(start) === 1) this.#slabs.push(slab);
    this.#spare += 1;
    if (this.#spare <= SPARE_PAGES || slab.free.length < SLAB_PAGES) return;
    this.#slabs = this.#slabs.filter((other) => other !== slab);
    this.#spare -= SLAB_PAGES;
  }

  #newSlab(): Slab {
    this.#spare += SLAB_PAGES;
    const rows = new PeerRows(SLAB_PAGES * PAGE_ROWS, this.addressSize, this.#places, SHARED_TABLE_ROWS);
    return {
      rows,
      free: Array.from({ length: SLAB_PAGES }, (_, page) => (SLAB_PAGES - 1 - page) * PAGE_ROWS),
    };
  }
}

import { PeerRows } from './peer-rows.ts';
import type { Places } from './places.ts';

/** The number of rows of a page: 21 KB of IPv4 peers. */
export const PAGE_ROWS = 512;
/** The number of rows of the largest table that shares pages with others; larger ones have rows of their own. */
export const SHARED_TABLE_ROWS = PAGE_ROWS / 4;
/** The number of pages that are made at once: 2.7 MB of IPv4 peers, for which the kernel gives memory when it is used. */
const SLAB_PAGES = 128;
/**
 * The most unused pages that are kept, of one address family: 88 MB of IPv4 peers. When all of a million peers expired,
 * giving their pages up and making them anew kept the garbage collector so busy that announces waited for 6 ms and more.
 */
const SPARE_PAGES = 4096;

/**
 * A slab of many pages in the same columns, because a page with columns of its own would be a dozen objects, too many for a
 * processor's cache.
 */
interface Slab {
  readonly rows: PeerRows;
  /** The first row of each unused page. */
  readonly free: number[];
}

/** A page: {@link PAGE_ROWS} rows of a slab. They are given out from the front, in spans, and not taken back one by one. */
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

  /** @returns the first of `capacity` rows; -1 when fewer are left */
  take(capacity: number): number {
    if (this.#used + capacity > PAGE_ROWS) return -1;
    const start = this.start + this.#used;
    this.#used += capacity;
    return start;
  }
}

/**
 * A pool of pages of rows for the tables of one address family. All have one size and are used again, because memory that
 * the garbage collector frees of growing arrays stays with the process.
 */
export class PagePool {
  readonly addressSize: number;
  readonly #places: Places;
  /** The slabs with a free page; some may have become full since. */
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

  /** @returns rows of their own, outside of pages */
  rows(capacity: number): PeerRows {
    return new PeerRows(capacity, this.addressSize, this.#places, capacity);
  }

  /** Releases a page. */
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

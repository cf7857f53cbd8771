import { PeerRows } from './peer-rows.ts';

/** Rows of a page: 19 KB of IPv4 peers. */
export const PAGE_ROWS = 512;
/**
 * Pages kept that nobody uses, of one address family: 80 MB of IPv4 peers. When all of a million peers expired, giving
 * their pages up and making them anew kept the garbage collector so busy that announces waited for 6 ms and more.
 */
const SPARE_PAGES = 4096;

/**
 * Pages of rows for the tables of one address family. All are of one size and used again, for what the garbage collector
 * would free of larger and larger arrays stays with the process.
 */
export class PagePool {
  readonly addressSize: number;
  readonly #hashSeed: number;
  readonly #spare: PeerRows[] = [];

  constructor(addressSize: number, hashSeed: number) {
    this.addressSize = addressSize;
    this.#hashSeed = hashSeed;
  }

  /** @returns an empty page */
  page(): PeerRows {
    return this.#spare.pop() ?? this.rows(PAGE_ROWS);
  }

  /** @returns rows that are no page */
  rows(capacity: number): PeerRows {
    return new PeerRows(capacity, this.addressSize, this.#hashSeed);
  }

  /** Takes a page back. */
  release(page: PeerRows): void {
    if (this.#spare.length >= SPARE_PAGES) return;
    page.clear();
    this.#spare.push(page);
  }
}

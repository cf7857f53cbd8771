import { type Random, randomBelow } from '../../../util/index.ts';
import type { PeerRole } from '../swarm-store.ts';
import type { PeerPick } from './peer-pick.ts';
import { PeerRows } from './peer-rows.ts';
import { RowIndex } from './row-index.ts';

/** Rows that a table starts with, and below which it is not made smaller. A power of two. */
const MIN_CAPACITY = 2;

/**
 * The peers of one swarm in one address family.
 *
 * Invariant: rows [0, seeders) are seeders, [seeders, uploaders) partial seeds, [uploaders, count) downloaders. A peer
 * changes its role by changing places with the one at a border, so roles cost no memory and each is one run of rows.
 */
export class PeerTable {
  readonly #rows: PeerRows;
  readonly #index: RowIndex;
  #seeders = 0;
  #uploaders = 0;
  #count = 0;
  /** Nobody was last heard of before this second: most of the time there is nothing to look for. */
  #oldest = 0;

  constructor(addressSize: number, hashSeed: number) {
    this.#rows = new PeerRows(addressSize);
    this.#index = new RowIndex(this.#rows, hashSeed);
  }

  get addressSize(): number {
    return this.#rows.addressSize;
  }
  get count(): number {
    return this.#count;
  }
  get seeders(): number {
    return this.#seeders;
  }
  get downloaders(): number {
    return this.#count - this.#uploaders;
  }

  roleOf(address: Uint8Array): PeerRole | undefined {
    const row = this.#index.find(address, this.#count);
    return row === -1 ? undefined : this.#roleAt(row);
  }

  /** Adds the peer or replaces what is known of it. */
  put(address: Uint8Array, peerId: Uint8Array, role: PeerRole, second: number): void {
    let row = this.#index.find(address, this.#count);
    if (row === -1) row = this.#append(address, second);
    this.#rows.setPeerId(row, peerId);
    this.#rows.seenAt[row] = second;
    this.#move(row, role);
  }

  /** @returns whether it was there */
  remove(address: Uint8Array): boolean {
    const row = this.#index.find(address, this.#count);
    if (row === -1) return false;
    this.#removeRow(row);
    return true;
  }

  /** Removes all that were last heard of before `second`. @returns how many */
  expire(second: number): number {
    if (this.#count === 0 || this.#oldest >= second) return 0;
    const before = this.#count;
    let oldest = Number.POSITIVE_INFINITY;
    // From the end: removing a row moves only rows that stand after it, which were looked at already.
    for (let row = before - 1; row >= 0; row -= 1) {
      const seenAt = this.#rows.seenAt[row]!;
      if (seenAt >= second) oldest = Math.min(oldest, seenAt);
      else this.#removeRow(row);
    }
    this.#oldest = oldest;
    return before - this.#count;
  }

  /**
   * Fills `pick` for a peer of this role: runs of neighbours from a random row on.
   *
   * @param except a peer id that is not to be handed out
   */
  pick(pick: PeerPick, role: PeerRole, except: Uint8Array, random: Random): void {
    const { downloaders } = this;
    if (role !== 'downloader') {
      this.#take(pick, this.#uploaders, this.#count, Math.min(downloaders, pick.room), except, random);
      return;
    }
    // Downloaders first, for the peer itself is among them: the others fill the place that it leaves.
    const fair = Math.max(Math.floor(pick.room / 2), pick.room - this.#uploaders);
    this.#take(pick, this.#uploaders, this.#count, Math.min(downloaders, fair), except, random);
    this.#take(pick, 0, this.#uploaders, Math.min(this.#uploaders, pick.room), except, random);
  }

  /** Takes up to `want` of the rows [from, to), going round; looks at one more at most. */
  #take(pick: PeerPick, from: number, to: number, want: number, except: Uint8Array, random: Random): void {
    const span = to - from;
    if (want === 0) return;
    const run = Math.min(want + 1, span);
    const start = from + randomBelow(random, span);
    const end = Math.min(start + run, to);
    const left = want - pick.take(this.#rows, start, end, want, except);
    pick.take(this.#rows, from, from + run - (end - start), left, except);
  }

  #roleAt(row: number): PeerRole {
    return row < this.#seeders ? 'seeder' : row < this.#uploaders ? 'partialSeed' : 'downloader';
  }

  #append(address: Uint8Array, second: number): number {
    if (this.#count === 0) this.#oldest = second;
    if (this.#count === this.#rows.capacity) this.#resize(Math.max(MIN_CAPACITY, this.#rows.capacity * 2));
    const row = this.#count;
    this.#rows.setAddress(row, address);
    this.#index.add(row);
    this.#count += 1;
    return row;
  }

  #removeRow(row: number): void {
    const lastDownloader = this.#move(row, 'downloader');
    const last = this.#count - 1;
    this.#swap(lastDownloader, last);
    this.#index.remove(last);
    this.#count = last;
    const { capacity } = this.#rows;
    if (capacity > MIN_CAPACITY && this.#count * 4 <= capacity) this.#resize(capacity / 2);
  }

  /** @returns the row where the peer stands now */
  #move(start: number, role: PeerRole): number {
    let row = start;
    if (row >= this.#uploaders && role !== 'downloader') row = this.#swap(row, this.#uploaders++);
    if (row >= this.#seeders && role === 'seeder') row = this.#swap(row, this.#seeders++);
    if (row < this.#seeders && role !== 'seeder') row = this.#swap(row, --this.#seeders);
    if (row < this.#uploaders && role === 'downloader') row = this.#swap(row, --this.#uploaders);
    return row;
  }

  #swap(row: number, other: number): number {
    if (row !== other) {
      this.#index.swap(row, other);
      this.#rows.swapRows(row, other);
    }
    return other;
  }

  #resize(capacity: number): void {
    this.#rows.resize(capacity, this.#count);
    this.#index.rebuild(this.#count);
  }
}

import { beginAlike, siteBytes } from '../peer-site.ts';
import type { PeerRole, SwarmPeer } from '../swarm-store.ts';
import type { Span } from './key-index.ts';
import { PAGE_ROWS, type PagePool, type RowPage, SHARED_TABLE_ROWS } from './page-pool.ts';
import type { PeerRows } from './peer-rows.ts';

/** The fields of a table, side by side. */
const START = 0;
const CAPACITY = 1;
const COUNT = 2;
const SEEDERS = 3;
const UPLOADERS = 4;
/** The second before which no peer was last heard of, so that most of the time no table is searched. */
const OLDEST = 5;
/** The number of fields of a table. */
export const TABLE_FIELDS = 6;

/** The flags of a table: it had peers of more than one address; an address had a crowd of them, or a large one. */
const MIXED = 1;
const HAS_CROWD = 2;
const HAS_LARGE_CROWD = 4;
/** The position of {@link PeerTables.groupsNumber} above the flags, in bits. */
const GROUPS_SHIFT = 3;
const GROUPS_BITS = 12;
/** The upper end of the numbers that groups may have. */
export const GROUPS_NUMBERS = 1 << GROUPS_BITS;
/** The number of bits of the notes on a table. */
export const NOTE_BITS = GROUPS_SHIFT + GROUPS_BITS;
const NOTE_MASK = (1 << NOTE_BITS) - 1;

/** The number of peers below which a crowd of one address may fill half of a response. */
export const SMALL_SWARM = 64;
/** The number of rows up to which a table gives none back. */
const MIN_CAPACITY = 8;

/**
 * The peers of the swarms of one shard in one address family: a table for each swarm, with the swarm's number. The other
 * methods use the table that {@link PeerTables.at} chooses. A table is numbers in an array and no object, so that a swarm of
 * one peer costs little more than the peer.
 *
 * A table that needs more rows moves to new ones and leaves dead rows in its page; once there are many, all tables move to
 * other pages.
 *
 * Invariant: of a table's rows [start, start + count), the first `seeders` are seeders, those up to `uploaders` partial
 * seeds, and the rest downloaders. A peer changes its role by changing places with the one at a border, so roles cost no
 * memory and each is one run of rows.
 */
export class PeerTables implements Span {
  readonly #pool: PagePool;
  /** The offset of the fields of the first table, and the distance to those of the next. */
  readonly #offset: number;
  readonly #stride: number;
  readonly #notes: { readonly offset: number; readonly shift: number };
  #tables: Int32Array = new Int32Array();
  /** The columns with the rows of each table. */
  #rows: (PeerRows | undefined)[] = [];
  #table = 0;
  /** The offset of the fields of the chosen table. */
  #base = 0;
  /** The pages in use; spans are taken from the last one. */
  #pages: RowPage[] = [];
  /** The number of rows of the pages that belong to tables; the others are dead or free. */
  #alive = 0;

  /**
   * @param offset the offset of the first table's {@link TABLE_FIELDS} numbers in the array given to {@link use}
   * @param stride the distance to those of the next table
   * @param notes the offset of the number with the {@link NOTE_BITS} of the first table, and their position in it
   */
  constructor(
    pool: PagePool,
    offset: number,
    stride: number,
    notes: { readonly offset: number; readonly shift: number },
  ) {
    this.#pool = pool;
    this.#offset = offset;
    this.#stride = stride;
    this.#notes = notes;
  }

  get addressSize(): number {
    return this.#pool.addressSize;
  }

  /** Chooses a table. */
  at(table: number): this {
    this.#table = table;
    this.#base = table * this.#stride + this.#offset;
    return this;
  }

  get start(): number {
    return this.#tables[this.#base + START]!;
  }
  get capacity(): number {
    return this.#tables[this.#base + CAPACITY]!;
  }
  get count(): number {
    return this.#tables[this.#base + COUNT]!;
  }
  get seeders(): number {
    return this.#tables[this.#base + SEEDERS]!;
  }
  get downloaders(): number {
    return this.count - this.uploaders;
  }
  /** Gives the number of seeders and partial seeds. */
  get uploaders(): number {
    return this.#tables[this.#base + UPLOADERS]!;
  }
  /**
   * Gives the columns with the rows of the chosen table, which must have peers. They are valid until a peer is added or
   * removed.
   */
  get rows(): PeerRows {
    return this.#rows[this.#table]!;
  }

  /**
   * Says whether one address has so many of the peers that addresses take turns. It stays so until the last peer has gone.
   */
  get isCrowded(): boolean {
    const notes = this.#getNotes();
    if ((notes & MIXED) === 0) return false;
    return (notes & HAS_LARGE_CROWD) !== 0 || ((notes & HAS_CROWD) !== 0 && this.count < SMALL_SWARM);
  }

  /** Notes that an address has a crowd of the peers. */
  noteCrowd(isLarge: boolean): void {
    this.#setNotes(this.#getNotes() | (isLarge ? HAS_CROWD | HAS_LARGE_CROWD : HAS_CROWD));
  }

  /** Gives the number that {@link setGroupsNumber} has set since the chosen table last changed; 0 when there is none. */
  get groupsNumber(): number {
    return this.#getNotes() >> GROUPS_SHIFT;
  }

  /** Notes the number of the cached groups of the chosen table. The note is dropped when the table changes. */
  setGroupsNumber(number: number): void {
    this.#setNotes((this.#getNotes() & ((1 << GROUPS_SHIFT) - 1)) | (number << GROUPS_SHIFT));
  }

  /** Replaces the array of numbers by another one, to which the fields in use were copied; the others are 0. */
  use(tables: Int32Array): void {
    this.#tables = tables;
    this.#rows.length = Math.min(this.#rows.length, tables.length / this.#stride);
  }

  /** Puts the last table in the place of the chosen one, whose peers are forgotten. The caller then calls {@link tidyUp}. */
  replaceByLast(last: number): void {
    this.#leave();
    this.#rows[this.#table] = this.#rows[last];
    this.#rows[last] = undefined;
    const from = last * this.#stride + this.#offset;
    this.#tables.copyWithin(this.#base, from, from + TABLE_FIELDS);
    this.#tables.fill(0, from, from + TABLE_FIELDS);
  }

  /** @returns the peer's row, valid until peers are added or removed; -1 when it is not there */
  find(address: Uint8Array): number {
    return this.count === 0 ? -1 : this.rows.index.find(this, address);
  }

  roleAt(row: number): PeerRole {
    const offset = row - this.start;
    return offset < this.seeders ? 'seeder' : offset < this.uploaders ? 'partialSeed' : 'downloader';
  }

  add({ address, peerId, role }: SwarmPeer, holder: number, second: number): void {
    this.update(this.#append(address, second), peerId, role, holder, second);
  }

  update(row: number, peerId: Uint8Array, role: PeerRole, holder: number, second: number): void {
    const { rows } = this;
    rows.setPeerId(row, peerId);
    rows.setHeard(row, second, holder);
    this.#move(row, role);
  }

  /** Forgets a peer, and gives memory back. */
  remove(row: number): void {
    this.removeRow(row);
    this.#giveBack();
    this.tidyUp();
  }

  /**
   * Removes the peers that were last heard of before `second`. The caller calls {@link tidyUp} later, not after each table:
   * in a shard where all peers expire, the rest would be moved again and again.
   *
   * @param limit the most peers to remove
   * @returns how many
   */
  expire(second: number, limit: number): number {
    if (this.count === 0 || this.#tables[this.#base + OLDEST]! >= second) return 0;
    let removed = 0;
    let oldest = 0x7fff_ffff;
    // Rows are looked at from the end, because removing a row moves only rows after it, which were looked at already.
    for (let row = this.start + this.count - 1; row >= this.start && removed < limit; row -= 1) {
      const seenAt = this.rows.seenAt(row);
      if (seenAt >= second) {
        if (seenAt < oldest) oldest = seenAt;
      } else {
        this.removeRow(row);
        removed += 1;
      }
    }
    if (removed < limit) this.#tables[this.#base + OLDEST] = oldest;
    this.#giveBack();
    return removed;
  }

  /** Moves all tables that share pages to other pages when many rows are dead, each with as many rows as it needs. */
  tidyUp(): void {
    const pages = this.#pages;
    if (pages.length < 2 && this.#alive > 0) return;
    // All pages but the last count as full.
    const dead = (pages.length - 1) * PAGE_ROWS + (pages.at(-1)?.used ?? 0) - this.#alive;
    if (dead <= this.#alive >> 2) return;
    const chosen = this.#table;
    this.#pages = [];
    for (let table = 0; table * this.#stride < this.#tables.length; table += 1) {
      const { capacity } = this.at(table);
      if (capacity > 0 && capacity <= SHARED_TABLE_ROWS) this.#moveTo(fitting(this.count));
    }
    this.at(chosen);
    for (const page of pages) this.#pool.release(page);
  }

  #append(address: Uint8Array, second: number): number {
    const { count } = this;
    if (count === this.capacity) {
      this.tidyUp();
      this.#grow();
    }
    const oldest = this.#base + OLDEST;
    if (count === 0 || second < this.#tables[oldest]!) this.#tables[oldest] = second;
    this.#noteSite(address);
    const row = this.start + count;
    this.rows.setAddress(row, address);
    this.rows.index.add(this, row);
    this.#tables[this.#base + COUNT] = count + 1;
    this.setGroupsNumber(0);
    return row;
  }

  /** Notes whether a peer that is about to be added has another address than the first one. */
  #noteSite(address: Uint8Array): void {
    if (this.count === 0) this.#setNotes(0);
    else if ((this.#getNotes() & MIXED) === 0) {
      const bytes = siteBytes(address, 0, address.length);
      if (beginAlike(this.rows.addresses, this.start * this.addressSize, address, 0, bytes)) return;
      this.#setNotes(this.#getNotes() | MIXED);
    }
  }

  #getNotes(): number {
    const { offset, shift } = this.#notes;
    return (this.#tables[this.#table * this.#stride + offset]! >> shift) & NOTE_MASK;
  }

  #setNotes(notes: number): void {
    const { offset, shift } = this.#notes;
    const at = this.#table * this.#stride + offset;
    this.#tables[at] = (this.#tables[at]! & ~(NOTE_MASK << shift)) | (notes << shift);
  }

  /** Forgets a peer that another one replaces, and gives no memory back. */
  removeRow(row: number): void {
    const lastDownloader = this.#move(row, 'downloader');
    const last = this.start + this.count - 1;
    this.#swap(lastDownloader, last);
    this.rows.index.remove(this, last);
    this.#tables[this.#base + COUNT] = this.count - 1;
    this.setGroupsNumber(0);
  }

  /** @returns the row where the peer stands now */
  #move(from: number, role: PeerRole): number {
    const { start } = this;
    let row = from;
    if (role !== 'downloader' && row >= start + this.uploaders) row = this.#swap(row, this.#raise(UPLOADERS));
    if (role === 'seeder' && row >= start + this.seeders) row = this.#swap(row, this.#raise(SEEDERS));
    if (role !== 'seeder' && row < start + this.seeders) row = this.#swap(row, this.#lower(SEEDERS));
    if (role === 'downloader' && row < start + this.uploaders) row = this.#swap(row, this.#lower(UPLOADERS));
    return row;
  }

  /** Moves a border between roles up. @returns the row that it passes */
  #raise(border: number): number {
    const offset = this.#tables[this.#base + border]!;
    this.#tables[this.#base + border] = offset + 1;
    return this.start + offset;
  }

  /** Moves a border between roles down. @returns the row that it passes */
  #lower(border: number): number {
    const offset = this.#tables[this.#base + border]! - 1;
    this.#tables[this.#base + border] = offset;
    return this.start + offset;
  }

  #swap(row: number, other: number): number {
    // A border between roles may have moved even if no row has.
    this.setGroupsNumber(0);
    if (row !== other) {
      this.rows.index.swap(this, row, other);
      this.rows.swapRows(row, other);
    }
    return other;
  }

  #grow(): void {
    this.#moveTo(this.capacity + Math.max(1, this.capacity >> 1));
  }

  /** Gives memory back after peers were removed from the chosen table. */
  #giveBack(): void {
    const { count, capacity } = this;
    if (count === 0 || (capacity > MIN_CAPACITY && count * 4 <= capacity)) this.#moveTo(fitting(count));
  }

  /** Moves the chosen table to `capacity` new rows, or to none. */
  #moveTo(capacity: number): void {
    const { start, count } = this;
    const from = this.#rows[this.#table];
    this.#leave();
    if (capacity === 0) return;
    const to = this.#place(capacity);
    if (count > 0) to.moveIn(from!, start, this);
  }

  /** Releases the rows of the chosen table. Their content stays until other rows are placed. */
  #leave(): void {
    if (this.capacity <= SHARED_TABLE_ROWS) this.#alive -= this.capacity;
    this.#tables[this.#base + CAPACITY] = 0;
    this.#rows[this.#table] = undefined;
  }

  /** Gives rows to the chosen table. */
  #place(capacity: number): PeerRows {
    const isShared = capacity <= SHARED_TABLE_ROWS;
    const { rows, start } = isShared
      ? this.#takeShared(capacity)
      : { rows: this.#pool.rows(capacity), start: 0 };
    this.setGroupsNumber(0);
    this.#tables[this.#base + START] = start;
    this.#tables[this.#base + CAPACITY] = capacity;
    this.#rows[this.#table] = rows;
    return rows;
  }

  #takeShared(capacity: number): { rows: PeerRows; start: number } {
    this.#alive += capacity;
    let page = this.#pages.at(-1);
    let start = page?.take(capacity) ?? -1;
    if (start === -1) {
      page = this.#pool.page();
      this.#pages.push(page);
      start = page.take(capacity);
    }
    return { rows: page!.rows, start };
  }
}

/** Says how many rows a table of `count` peers gets: a large one may grow by a quarter before it has to move. */
function fitting(count: number): number {
  return count + (count >> 2);
}

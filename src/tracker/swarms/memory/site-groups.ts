import { COMPACT_IPV4_BYTES, type HashKey, keyedHash, newHashKey } from '../../../util/index.ts';
import { isPrivateAt, networkBytes, siteBytes } from '../peer-site.ts';
import type { PeerRows } from './peer-rows.ts';

/** The number of peers of a swarm among which other addresses are looked for when one address has many. */
export const MAX_ROWS_IN_TURNS = 2048;
/** The network number of a private address, which shares no network with others. */
export const NO_NETWORK = -1;

/** Rows that are grouped by address (for IPv6, by /64). Each group is a site, numbered from 0. */
export interface SiteGroups {
  /** The rows of the first site, then those of the second, and so on. */
  readonly rows: Int32Array;
  /** The offset of the first row of each site, and after the last site the end of the rows. */
  readonly starts: Int32Array;
  /** The number of the public network (/24 or /48) of each site, or {@link NO_NETWORK}. */
  readonly networks: Int32Array;
}

/** Groups rows by their address. It uses the same tables for each call. */
export class SiteGrouper {
  readonly #hashKey: HashKey = newHashKey();
  readonly #sites = new Numbering(this.#hashKey.first);
  readonly #networks = new Numbering(this.#hashKey.second);
  readonly #rows = new Int32Array(MAX_ROWS_IN_TURNS);
  readonly #siteOfRow = new Int32Array(MAX_ROWS_IN_TURNS);
  readonly #networkOfSite = new Int32Array(MAX_ROWS_IN_TURNS);
  readonly #ends = new Int32Array(MAX_ROWS_IN_TURNS);
  #count = 0;

  /**
   * Groups some of the rows [from, to), from `first` on and wrapping around, until it has seen rows of `enough` addresses,
   * or {@link MAX_ROWS_IN_TURNS} rows.
   */
  groupRange(rows: PeerRows, from: number, to: number, first: number, enough: number): SiteGroups {
    const most = Math.min(to - from, MAX_ROWS_IN_TURNS);
    this.#begin(most);
    let row = first;
    while (this.#count < most && this.#sites.count < enough) {
      this.#add(rows, row);
      row = row + 1 === to ? from : row + 1;
    }
    return this.#finish();
  }

  /** Groups the given rows, at most {@link MAX_ROWS_IN_TURNS} of them. */
  groupEach(rows: PeerRows, some: readonly number[]): SiteGroups {
    this.#begin(some.length);
    for (const row of some) this.#add(rows, row);
    return this.#finish();
  }

  #begin(rows: number): void {
    this.#sites.begin(rows);
    this.#networks.begin(rows);
    this.#count = 0;
  }

  #add(rows: PeerRows, row: number): void {
    const { addresses, addressSize } = rows;
    const start = row * addressSize;
    const known = this.#sites.count;
    const site = this.#sites.of(this.#prefix(addresses, start, siteBytes(addresses, start, addressSize)));
    if (site === known) {
      this.#ends[site] = 0;
      this.#networkOfSite[site] = isPrivateAt(addresses, start, addressSize)
        ? NO_NETWORK
        : this.#networks.of(this.#prefix(addresses, start, networkBytes(addressSize)));
    }
    this.#ends[site]! += 1;
    this.#rows[this.#count] = row;
    this.#siteOfRow[this.#count] = site;
    this.#count += 1;
  }

  /** Gives the first bytes of an address in 32 bits: the bytes themselves, or a keyed hash if there are more than four. */
  #prefix(bytes: Uint8Array, start: number, count: number): number {
    if (count > COMPACT_IPV4_BYTES - 2) return keyedHash(this.#hashKey, bytes, start, count) | 0;
    let prefix = 0;
    for (let at = 0; at < count; at += 1) prefix = (prefix << 8) | bytes[start + at]!;
    return prefix;
  }

  #finish(): SiteGroups {
    const sites = this.#sites.count;
    const ends = this.#ends;
    const starts = new Int32Array(sites + 1);
    for (let site = 0; site < sites; site += 1) {
      starts[site + 1] = starts[site]! + ends[site]!;
      ends[site] = starts[site]!;
    }
    const grouped = new Int32Array(this.#count);
    for (let at = 0; at < this.#count; at += 1) {
      const site = this.#siteOfRow[at]!;
      grouped[ends[site]!] = this.#rows[at]!;
      ends[site]! += 1;
    }
    return { rows: grouped, starts, networks: this.#networkOfSite.slice(0, sites) };
  }
}

/** Numbers keys from 0 in the order in which they first come. */
class Numbering {
  readonly #keys = new Int32Array(MAX_ROWS_IN_TURNS * 2);
  /** The number of the key in each slot plus one; 0 stands for a free slot. */
  readonly #numbers = new Int32Array(MAX_ROWS_IN_TURNS * 2);
  readonly #factor: number;
  /** The number of slots in use, a power of two, minus one. */
  #mask = 0;
  #count = 0;

  /** @param secret a secret number, so that nobody can choose keys that collide */
  constructor(secret: number) {
    this.#factor = secret | 1;
  }

  /** Gives the number of keys that have a number. */
  get count(): number {
    return this.#count;
  }

  /** Begins anew, for at most `keys` keys. */
  begin(keys: number): void {
    const slots = 2 << (32 - Math.clz32(Math.max(1, keys - 1)));
    this.#mask = slots - 1;
    this.#numbers.fill(0, 0, slots);
    this.#count = 0;
  }

  of(key: number): number {
    let at = (Math.imul(key, this.#factor) >>> 16) & this.#mask;
    for (;;) {
      const number = this.#numbers[at]!;
      if (number === 0) {
        this.#keys[at] = key;
        this.#count += 1;
        this.#numbers[at] = this.#count;
        return this.#count - 1;
      }
      if (this.#keys[at] === key) return number - 1;
      at = (at + 1) & this.#mask;
    }
  }
}

import { type Random, randomBelow } from '../../../util/index.ts';
import { beginAlike, isPrivateAt, NETWORK_PEERS_IN_TURN, networkBytes } from '../peer-site.ts';
import type { PeerRows } from './peer-rows.ts';
import { GROUPS_NUMBERS, type PeerTables } from './peer-tables.ts';
import { MAX_ROWS_IN_TURNS, NO_NETWORK, SiteGrouper, type SiteGroups } from './site-groups.ts';

/**
 * The number of picks that are compared to see whether most are of one network, if two of the first, the middle and the last
 * are.
 */
const SAMPLE = 8;
/** The most tables whose groups of peers by address are cached. */
const MAX_CACHED_TABLES = GROUPS_NUMBERS - 1;
/** The most peers of all those tables, 4 to 12 bytes each. */
const MAX_CACHED_ROWS = 1 << 19;
/** The upper end of the random number of a response, which says at which address it begins, and with which peer of each. */
const RANDOM = 2 ** 30;

/** The two runs of rows of a table: seeders and partial seeds, and the others. */
export type TableRole = 'uploaders' | 'downloaders';

/** The peers of a table by address, as they were when the table last changed. */
interface CachedGroups {
  readonly rows: PeerRows;
  readonly start: number;
  readonly uploaders: SiteGroups;
  readonly downloaders: SiteGroups;
}

/**
 * Lets addresses take turns: orders peers so that the second peer of an address comes after the first of all others, and
 * many peers of one network after some of all other networks.
 *
 * Grouping peers by address costs more than all the rest of an announce, so the groups of a table are cached until it
 * changes. Returned rows are valid until the next call.
 */
export class AddressTurns {
  readonly #random: Random;
  readonly #grouper = new SiteGrouper();
  /** The cached groups by number. Number 0 is never used: it says that the groups of a table are not cached. */
  readonly #kept: (CachedGroups | undefined)[] = [undefined];
  #cachedRows = 0;
  #lastCached = 0;
  readonly #chosen = new Int32Array(MAX_ROWS_IN_TURNS);
  /** The sites that have peers left, in the order of this response. */
  readonly #active = new Int32Array(MAX_ROWS_IN_TURNS);
  readonly #takenOfSite = new Int32Array(MAX_ROWS_IN_TURNS);
  readonly #takenOfNetwork = new Int32Array(MAX_ROWS_IN_TURNS);

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * Chooses up to `want` rows of a table: of its uploaders or of its downloaders.
   *
   * @param first the row to begin at when there are too many to look at all
   * @param asker the peer id of the peer that asks, which is left out
   */
  choose(table: PeerTables, role: TableRole, first: number, want: number, asker: Uint8Array): Int32Array {
    const { rows, start, count } = table;
    if (count <= MAX_ROWS_IN_TURNS) return this.#inTurns(rows, this.#groupsOf(table)[role], want, asker);
    const border = start + table.uploaders;
    const [from, to] = role === 'uploaders' ? [start, border] : [border, start + count];
    // One more row is taken, because the asking peer may be among them.
    return this.#inTurns(rows, this.#grouper.groupRange(rows, from, to, first, want + 1), want, asker);
  }

  /** Orders the given rows, at most {@link MAX_ROWS_IN_TURNS} of them. */
  order(rows: PeerRows, some: readonly number[], asker: Uint8Array): Int32Array {
    return this.#inTurns(rows, this.#grouper.groupEach(rows, some), some.length, asker);
  }

  #groupsOf(table: PeerTables): CachedGroups {
    const { rows, start } = table;
    const kept = this.#kept[table.groupsNumber];
    // The number may belong to another table by now; these groups are of this table if they have its rows and start.
    if (kept !== undefined && kept.rows === rows && kept.start === start) return kept;
    const border = start + table.uploaders;
    const group = (from: number, to: number): SiteGroups =>
      this.#grouper.groupRange(rows, from, to, from, MAX_ROWS_IN_TURNS);
    const groups = {
      rows,
      start,
      uploaders: group(start, border),
      downloaders: group(border, start + table.count),
    };
    table.setGroupsNumber(this.#keep(groups, table.count));
    return groups;
  }

  /** Caches groups in place of those that were cached first. @returns their number */
  #keep(groups: CachedGroups, rows: number): number {
    this.#cachedRows += rows;
    do {
      this.#lastCached = (this.#lastCached % MAX_CACHED_TABLES) + 1;
      const before = this.#kept[this.#lastCached];
      if (before !== undefined) {
        this.#cachedRows -= before.uploaders.rows.length + before.downloaders.rows.length;
      }
      this.#kept[this.#lastCached] = undefined;
    } while (this.#cachedRows > MAX_CACHED_ROWS);
    this.#kept[this.#lastCached] = groups;
    return this.#lastCached;
  }

  /**
   * Takes rows in turns: each turn takes one row of every site, but no more of a network than {@link NETWORK_PEERS_IN_TURN}
   * for each turn so far. The first site, and the first row of each, are random.
   */
  #inTurns(rows: PeerRows, groups: SiteGroups, want: number, asker: Uint8Array): Int32Array {
    const { starts, networks } = groups;
    const [active, ofSite, ofNetwork] = [this.#active, this.#takenOfSite, this.#takenOfNetwork];
    const sites = networks.length;
    const random = randomBelow(this.#random, RANDOM);
    const [firstSite, shift] = [random % sites, Math.floor(random / MAX_ROWS_IN_TURNS)];
    for (let at = 0; at < sites; at += 1) {
      active[at] = firstSite + at < sites ? firstSite + at : firstSite + at - sites;
      ofSite[at] = 0;
      ofNetwork[at] = 0;
    }
    let count = 0;
    for (let turn = 1, left = sites; left > 0 && count < want; turn += 1) {
      const sitesBefore = left;
      left = 0;
      for (let at = 0; at < sitesBefore && count < want; at += 1) {
        const site = active[at]!;
        const network = networks[site]!;
        const size = starts[site + 1]! - starts[site]!;
        if (network === NO_NETWORK || ofNetwork[network]! < turn * NETWORK_PEERS_IN_TURN) {
          const row = groups.rows[starts[site]! + ((shift + ofSite[site]!) % size)]!;
          ofSite[site]! += 1;
          if (!rows.isPeer(row, asker)) {
            if (network !== NO_NETWORK) ofNetwork[network]! += 1;
            this.#chosen[count] = row;
            count += 1;
          }
        }
        if (ofSite[site]! < size) {
          active[left] = site;
          left += 1;
        }
      }
    }
    return this.#chosen.subarray(0, count);
  }
}

/**
 * Says whether most of the rows that would be picked are of one public network. It compares some of `count` rows of [from,
 * to), from `first` on and wrapping around.
 */
export function isMostlyOneNetwork(
  rows: PeerRows,
  from: number,
  to: number,
  first: number,
  count: number,
): boolean {
  const { addresses, addressSize } = rows;
  if (isPrivateAt(addresses, first * addressSize, addressSize)) return false;
  const bytes = networkBytes(addressSize);
  const rowAt = (nth: number): number => (first + nth < to ? first + nth : first + nth - to + from);
  const areAlike = (a: number, b: number): boolean =>
    beginAlike(addresses, a * addressSize, addresses, b * addressSize, bytes);
  const [middle, last] = [rowAt(count >> 1), rowAt(count - 1)];
  if (!areAlike(first, middle) && !areAlike(middle, last) && !areAlike(first, last)) return false;
  const sample = Math.min(SAMPLE, count);
  const step = Math.floor(count / sample);
  // The majority candidate: each row of another network takes away one of its votes.
  let candidate = first;
  let votes = 0;
  for (let at = 0; at < sample; at += 1) {
    const row = rowAt(at * step);
    if (votes === 0) candidate = row;
    votes += areAlike(row, candidate) ? 1 : -1;
  }
  return votes > 1 && !isPrivateAt(addresses, candidate * addressSize, addressSize);
}

import { type Random, randomBelow } from '../../../util/index.ts';
import { beginAlike, isPrivateAt, NETWORK_PEERS_IN_TURN, networkBytes } from '../peer-site.ts';
import type { PeerRows } from './peer-rows.ts';
import { GROUPS_NUMBERS, type PeerTables } from './peer-tables.ts';
import { MAX_ROWS_IN_TURNS, NO_NETWORK, SiteGrouper, type SiteGroups } from './site-groups.ts';

/** Picks that are compared to see whether most are of one network, where the first, the middle and the last are not all of others. */
const SAMPLE = 8;
/** Tables whose peers are kept by address from one announce to the next. */
const MAX_CACHED_TABLES = GROUPS_NUMBERS - 1;
/** Peers of all those tables, 4 to 12 bytes each. */
const MAX_CACHED_ROWS = 1 << 19;
/** An answer has a random number below this: it says at which address it begins, and with which peer of each. */
const RANDOM = 2 ** 30;

/** The two runs of rows that a table has: the seeders and partial seeds, and the others. */
export type TableRole = 'uploaders' | 'downloaders';

/** The peers of a table by address, as they were when the table last changed. */
interface CachedGroups {
  readonly rows: PeerRows;
  readonly start: number;
  readonly uploaders: SiteGroups;
  readonly downloaders: SiteGroups;
}

/**
 * Lets addresses take turns: orders peers so that those of an address that has many come after the first of all others,
 * and those of a network that has many after some of all other networks.
 *
 * Grouping peers by address costs more than all the rest of an announce, so the groups of a table are kept until it
 * changes. What it returns is valid until the next call.
 */
export class AddressTurns {
  readonly #random: Random;
  readonly #grouper = new SiteGrouper();
  /** Number 0 is never used: it says that a table's groups are not kept. */
  readonly #kept: (CachedGroups | undefined)[] = [undefined];
  #cachedRows = 0;
  #lastCached = 0;
  readonly #chosen = new Int32Array(MAX_ROWS_IN_TURNS);
  /** Sites that have peers left, in the order of this answer. */
  readonly #active = new Int32Array(MAX_ROWS_IN_TURNS);
  readonly #takenOfSite = new Int32Array(MAX_ROWS_IN_TURNS);
  readonly #takenOfNetwork = new Int32Array(MAX_ROWS_IN_TURNS);

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * Chooses up to `want` rows of a table: of its uploaders or of its downloaders.
   *
   * @param first where to begin, when there are too many to look at all
   * @param asker the peer id that is passed over
   */
  choose(table: PeerTables, role: TableRole, first: number, want: number, asker: Uint8Array): Int32Array {
    const { rows, start, count } = table;
    if (count <= MAX_ROWS_IN_TURNS) return this.#inTurns(rows, this.#groupsOf(table)[role], want, asker);
    const border = start + table.uploaders;
    const [from, to] = role === 'uploaders' ? [start, border] : [border, start + count];
    // One more, for the asker may be one of them.
    return this.#inTurns(rows, this.#grouper.groupRange(rows, from, to, first, want + 1), want, asker);
  }

  /** Orders the given rows, at most {@link MAX_ROWS_IN_TURNS} of them. */
  order(rows: PeerRows, some: readonly number[], asker: Uint8Array): Int32Array {
    return this.#inTurns(rows, this.#grouper.groupEach(rows, some), some.length, asker);
  }

  #groupsOf(table: PeerTables): CachedGroups {
    const { rows, start } = table;
    const kept = this.#kept[table.groupsNumber];
    // Another table may have got the number since; the place of this one was its own for as long as its notes say so.
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

  /** Keeps groups in place of those that were kept first. @returns their number */
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
   * Takes rows in turns: in each, one of every site, but no more of a network than {@link NETWORK_PEERS_IN_TURN} for each
   * turn so far. Where in a site, and at which site, it begins is random.
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
 * Says whether most of the rows that would be picked are of one public network: of `count` of the rows [from, to), from
 * `first` on and going round, some are compared.
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
  // The one that has most, if any has: each other takes away one of its votes.
  let candidate = first;
  let votes = 0;
  for (let at = 0; at < sample; at += 1) {
    const row = rowAt(at * step);
    if (votes === 0) candidate = row;
    votes += areAlike(row, candidate) ? 1 : -1;
  }
  return votes > 1 && !isPrivateAt(addresses, candidate * addressSize, addressSize);
}

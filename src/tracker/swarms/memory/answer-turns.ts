import { type HashKey, keyedHash, newHashKey } from '../../../util/index.ts';
import { beginAlike, isPrivateAt, networkBytes, siteBytes } from '../peer-site.ts';
import type { PeerRows } from './peer-rows.ts';

/** Peers of a swarm among which those of other addresses are looked for, where one address has many. */
export const MAX_ROWS_IN_TURNS = 2048;
/** Peers of one network, a public /24 or /48, that come before the second peer of another address. */
const NETWORK_PEERS_IN_TURN = 8;
/** Picks that are compared to see whether most are of one network, where the first, the middle and the last are not all of others. */
const SAMPLE = 8;

/**
 * Lets addresses take turns: orders peers so that those of an address that has many come after the first of all others,
 * and those of a network that has many after some of all other networks.
 *
 * Its tables are used again and again; what it returns is valid until the next call.
 */
export class AnswerTurns {
  readonly #hashKey: HashKey = newHashKey();
  readonly #sites = new Ranks(this.#hashKey.first);
  readonly #networks = new Ranks(this.#hashKey.second);
  readonly #rows = new Int32Array(MAX_ROWS_IN_TURNS);
  readonly #turns = new Int32Array(MAX_ROWS_IN_TURNS);
  readonly #ordered = new Int32Array(MAX_ROWS_IN_TURNS);
  readonly #ends = new Int32Array(MAX_ROWS_IN_TURNS + 2);

  /**
   * Orders some of the rows [from, to), from `first` on and going round: until as many as are wanted are of different
   * addresses, or {@link MAX_ROWS_IN_TURNS} were looked at.
   *
   * @param asker whose rows are passed over
   */
  orderRange(
    rows: PeerRows,
    from: number,
    to: number,
    first: number,
    want: number,
    asker: { isAsker(rows: PeerRows, row: number): boolean },
  ): Int32Array {
    this.#begin();
    const most = Math.min(to - from, MAX_ROWS_IN_TURNS);
    let count = 0;
    let row = first;
    for (let looked = 0, firsts = 0; looked < most && firsts < want; looked += 1) {
      if (!asker.isAsker(rows, row)) {
        if (this.#note(rows, row, count) === 1) firsts += 1;
        count += 1;
      }
      row = row + 1 === to ? from : row + 1;
    }
    return this.#order(count);
  }

  /** Orders the given rows, at most {@link MAX_ROWS_IN_TURNS} of them. */
  order(rows: PeerRows, some: readonly number[]): Int32Array {
    this.#begin();
    for (const [at, row] of some.entries()) this.#note(rows, row, at);
    return this.#order(some.length);
  }

  #begin(): void {
    this.#sites.clear();
    this.#networks.clear();
  }

  /** @returns the turn in which the row comes, from 1 */
  #note(rows: PeerRows, row: number, at: number): number {
    const { addresses, addressSize } = rows;
    const start = row * addressSize;
    let turn = this.#sites.next(this.#prefix(addresses, start, siteBytes(addresses, start, addressSize)));
    if (!isPrivateAt(addresses, start, addressSize)) {
      const rank = this.#networks.next(this.#prefix(addresses, start, networkBytes(addressSize)));
      turn = Math.max(turn, Math.ceil(rank / NETWORK_PEERS_IN_TURN));
    }
    this.#rows[at] = row;
    this.#turns[at] = turn;
    return turn;
  }

  /** The first bytes of an address in 32 bits: themselves, or a hash of more that nobody else can compute. */
  #prefix(bytes: Uint8Array, start: number, count: number): number {
    if (count > 4) return keyedHash(this.#hashKey, bytes, start, count) | 0;
    let prefix = 0;
    for (let at = 0; at < count; at += 1) prefix = (prefix << 8) | bytes[start + at]!;
    return prefix;
  }

  /** Sorts the first `count` rows by their turns; those of one turn stay in their order. */
  #order(count: number): Int32Array {
    const ends = this.#ends;
    const turns = this.#turns;
    let last = 0;
    for (let at = 0; at < count; at += 1) last = Math.max(last, turns[at]!);
    ends.fill(0, 0, last + 2);
    for (let at = 0; at < count; at += 1) ends[turns[at]! + 1]! += 1;
    for (let turn = 1; turn <= last; turn += 1) ends[turn + 1]! += ends[turn]!;
    for (let at = 0; at < count; at += 1) {
      const turn = turns[at]!;
      this.#ordered[ends[turn]!] = this.#rows[at]!;
      ends[turn]! += 1;
    }
    return this.#ordered.subarray(0, count);
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

/** Counts how often each of some numbers came. */
class Ranks {
  /** At most half full. A power of two. */
  readonly #slots = MAX_ROWS_IN_TURNS * 2;
  readonly #keys = new Int32Array(this.#slots);
  readonly #counts = new Int32Array(this.#slots);
  /** Slots of another generation are free. */
  readonly #generations = new Int32Array(this.#slots);
  readonly #factor: number;
  #generation = 0;

  /** @param secret so that nobody can choose keys that collide */
  constructor(secret: number) {
    this.#factor = secret | 1;
  }

  clear(): void {
    this.#generation = (this.#generation + 1) | 0;
  }

  /** @returns 1 for a key that comes for the first time, 2 for the second */
  next(key: number): number {
    const mask = this.#slots - 1;
    let at = (Math.imul(key, this.#factor) >>> 16) & mask;
    while (this.#generations[at] === this.#generation) {
      if (this.#keys[at] === key) {
        this.#counts[at]! += 1;
        return this.#counts[at]!;
      }
      at = (at + 1) & mask;
    }
    this.#generations[at] = this.#generation;
    this.#keys[at] = key;
    this.#counts[at] = 1;
    return 1;
  }
}

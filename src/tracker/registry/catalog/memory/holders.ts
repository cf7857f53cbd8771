import { SortedPairs } from './sorted-pairs.ts';
import type { Torrents } from './torrents.ts';

/** The mark of a list: while a new list of a seeder replaces the old one, the two have different marks. */
export type ListMark = 0 | 1;

/**
 * The pairs of torrents and the seeders that hold them, each once, with the mark of the last list that named the torrent.
 */
export class Holders {
  readonly #torrents: Torrents;
  /** For each torrent, the doubled number of a seeder plus the mark. */
  readonly #pairs = new SortedPairs();

  constructor(torrents: Torrents) {
    this.#torrents = torrents;
  }

  add(torrent: number, seeder: number, mark: ListMark): void {
    const place = placeOf(seeder);
    const value = seeder * 2 + mark;
    if (this.#pairs.find(torrent, place) !== -1) {
      this.#pairs.replace(torrent, place, value);
      return;
    }
    this.#pairs.add(torrent, value, place);
    this.#torrents.addHolders(torrent, 1);
  }

  /** Notes that a seeder does not hold a torrent any more, unless a list of the other mark has named it since. */
  delete(torrent: number, seeder: number, mark: ListMark): void {
    const place = placeOf(seeder);
    if (this.#pairs.find(torrent, place) !== seeder * 2 + mark) return;
    this.#pairs.delete(torrent, place);
    this.#torrents.addHolders(torrent, -1);
  }

  has(torrent: number, seeder: number): boolean {
    return this.#pairs.find(torrent, placeOf(seeder)) !== -1;
  }

  /** Gives the numbers of the seeders of a torrent. */
  *of(torrent: number): Generator<number> {
    for (const value of this.#pairs.values(torrent, isBehind, isBefore)) yield value >>> 1;
  }
}

const isBehind = (): number => 1;
const isBefore = (): number => -1;

function placeOf(seeder: number): (value: number) => number {
  return (value) => (value >>> 1) - seeder;
}

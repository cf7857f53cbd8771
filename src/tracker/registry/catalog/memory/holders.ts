import { SortedPairs } from './sorted-pairs.ts';
import type { Torrents } from './torrents.ts';

/** A seeder has a list, and for a while also the one that is to take its place: these have different marks. */
export type ListMark = 0 | 1;

/** Which seeders hold which torrents: each once, with the mark of the last list that named the torrent. */
export class Holders {
  readonly #torrents: Torrents;
  /** By torrent: the number of a seeder, doubled, and the mark. */
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

  /** The seeder holds the torrent no longer, unless a list of another mark has named it since. */
  delete(torrent: number, seeder: number, mark: ListMark): void {
    const place = placeOf(seeder);
    if (this.#pairs.find(torrent, place) !== seeder * 2 + mark) return;
    this.#pairs.delete(torrent, place);
    this.#torrents.addHolders(torrent, -1);
  }

  has(torrent: number, seeder: number): boolean {
    return this.#pairs.find(torrent, placeOf(seeder)) !== -1;
  }

  /** The numbers of the seeders of a torrent. */
  *of(torrent: number): Generator<number> {
    for (const value of this.#pairs.values(torrent, isBehind, isBefore)) yield value >>> 1;
  }
}

const isBehind = (): number => 1;
const isBefore = (): number => -1;

function placeOf(seeder: number): (value: number) => number {
  return (value) => (value >>> 1) - seeder;
}

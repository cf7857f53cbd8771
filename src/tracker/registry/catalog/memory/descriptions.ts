import { keyedHash, newHashKey } from '../../../../util/index.ts';
import type { CatalogQuery, StoredTorrent } from '../catalog.ts';
import { ByteStore, type StoredBytes } from './byte-store.ts';
import { decodeDescription, encodeDescription } from './description-bytes.ts';
import { DescriptionSearch, type Selection } from './description-search.ts';
import { NO_ROW, NumberTable } from './number-table.ts';
import { type Place, SortedPairs } from './sorted-pairs.ts';
import type { Torrents } from './torrents.ts';

/* The fields of a description. */
const TORRENT = 0;
/** The slot of its bytes. */
const SLOT = 1;
const LENGTH = 2;
/** The number of lists that name it. */
const LISTS = 3;
/** Its place in the order of pages, in two halves. */
const SEQUENCE_LOW = 4;
const SEQUENCE_HIGH = 5;
/** The next description of the torrent, in the order in which they were made. */
const NEXT = 6;
const PREVIOUS = 7;
const FIELDS = 8;

const HALF = 2 ** 32;

/**
 * The descriptions of torrents by seeders, in rows, with the indexes that find them. A description exists while a seeder's
 * list names it, and a torrent while there is a description of it.
 */
export class Descriptions {
  readonly #torrents: Torrents;
  readonly #table = new NumberTable(FIELDS);
  readonly #bytes = new ByteStore((description, slot) => this.#table.set(description, SLOT, slot));
  readonly #hashKey = newHashKey();
  /** The descriptions by their whole content and their torrent. */
  readonly #byContent = new SortedPairs();
  readonly #search: DescriptionSearch;
  #sequence = 0;

  constructor(torrents: Torrents) {
    this.#torrents = torrents;
    this.#search = new DescriptionSearch(this, this.#hashKey);
  }

  /** Counts one more list with this description. @returns the description's row */
  hold(described: StoredTorrent): number {
    const bytes = encodeDescription(described);
    const content = { page: bytes, start: 0, end: bytes.length };
    const key = this.#keyOf(content);
    const torrent = this.#torrents.findOrAdd(described.infoHash);
    const place = this.#placeOf(torrent, content);
    let description = this.#byContent.find(key, place);
    if (description === -1) {
      description = this.#make(torrent, bytes);
      this.#byContent.add(key, description, place);
    }
    this.#table.set(description, LISTS, this.listsOf(description) + 1);
    return description;
  }

  /** Counts one list less. @returns whether the torrent has no description any more and is to be removed */
  release(description: number): boolean {
    const lists = this.listsOf(description) - 1;
    this.#table.set(description, LISTS, lists);
    if (lists > 0) return false;
    const torrent = this.torrentOf(description);
    const stored = this.storedAt(description);
    this.#byContent.delete(this.#keyOf(stored), this.#placeOf(torrent, stored));
    this.#search.delete(description);
    this.#bytes.remove(this.#table.get(description, SLOT), this.#table.get(description, LENGTH));
    this.#unlink(torrent, description);
    this.#table.release(description);
    return this.#torrents.firstOf(torrent) === NO_ROW;
  }

  /** @returns the row of the torrent that is described */
  torrentOf(description: number): number {
    return this.#table.get(description, TORRENT);
  }

  read(description: number): StoredTorrent {
    return decodeDescription(
      this.#torrents.infoHashOf(this.torrentOf(description)),
      this.storedAt(description),
    );
  }

  /** Gives the number of lists that name a description. */
  listsOf(description: number): number {
    return this.#table.get(description, LISTS);
  }

  sequenceOf(description: number): number {
    return this.#table.get(description, SEQUENCE_HIGH) * HALF + this.#table.get(description, SEQUENCE_LOW);
  }

  /** Gives the bytes of a description, valid until one is made or released. */
  storedAt(description: number): StoredBytes {
    return this.#bytes.at(this.#table.get(description, SLOT), this.#table.get(description, LENGTH));
  }

  /** Gives the descriptions of a torrent, in the order in which they were made. */
  *of(torrent: number): Generator<number> {
    let description = this.#torrents.firstOf(torrent);
    while (description !== NO_ROW) {
      yield description;
      description = this.#table.get(description, NEXT);
    }
  }

  /** @returns the descriptions that match the rarest field of the query; all of them if the query has no field */
  select(query: CatalogQuery): Selection {
    return this.#search.select(query);
  }

  #make(torrent: number, bytes: Buffer): number {
    const table = this.#table;
    const description = table.take();
    this.#sequence += 1;
    table.set(description, TORRENT, torrent);
    table.set(description, SLOT, this.#bytes.add(description, bytes));
    table.set(description, LENGTH, bytes.length);
    table.set(description, LISTS, 0);
    table.set(description, SEQUENCE_LOW, this.#sequence % HALF);
    table.set(description, SEQUENCE_HIGH, Math.floor(this.#sequence / HALF));
    const last = this.#torrents.lastOf(torrent);
    table.set(description, PREVIOUS, last);
    table.set(description, NEXT, NO_ROW);
    if (last === NO_ROW) this.#torrents.setFirst(torrent, description);
    else table.set(last, NEXT, description);
    this.#torrents.setLast(torrent, description);
    this.#search.add(description);
    return description;
  }

  #unlink(torrent: number, description: number): void {
    const next = this.#table.get(description, NEXT);
    const previous = this.#table.get(description, PREVIOUS);
    if (previous === NO_ROW) this.#torrents.setFirst(torrent, next);
    else this.#table.set(previous, NEXT, next);
    if (next === NO_ROW) this.#torrents.setLast(torrent, previous);
    else this.#table.set(next, PREVIOUS, previous);
  }

  #keyOf({ page, start, end }: StoredBytes): number {
    return keyedHash(this.#hashKey, page, start, end - start);
  }

  #placeOf(torrent: number, content: StoredBytes): Place {
    return (description) => {
      const { page, start, end } = this.storedAt(description);
      return (
        this.torrentOf(description) - torrent ||
        page.compare(content.page, content.start, content.end, start, end)
      );
    };
  }
}

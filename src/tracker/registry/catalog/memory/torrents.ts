import { INFO_HASH_BYTES, type InfoHash, infoHashFromBytes } from '../../../../util/index.ts';
import { NO_ROW, NumberTable } from './number-table.ts';
import { type Place, SortedPairs } from './sorted-pairs.ts';

/* The fields of a torrent: its info-hash, five numbers of 32 bits; and those that have a name here. */
const INFO_HASH_FIELDS = INFO_HASH_BYTES / 4;
/** The number of seeders that hold it. */
const HOLDERS = INFO_HASH_FIELDS;
/** The oldest of its descriptions, and the newest. */
const FIRST = INFO_HASH_FIELDS + 1;
const LAST = INFO_HASH_FIELDS + 2;
/** The number of bytes of its metainfo plus one; 0 when there is none. */
const METAINFO = INFO_HASH_FIELDS + 3;
/** The number of the seeder for which its metainfo counts. */
const BRINGER = INFO_HASH_FIELDS + 4;
const FIELDS = INFO_HASH_FIELDS + 5;

/** The torrents that have a description, by info-hash. */
export class Torrents {
  readonly #table = new NumberTable(FIELDS);
  readonly #byInfoHash = new SortedPairs();
  /** The info-hash of the current call, as the numbers of a row. */
  readonly #wanted = new Uint32Array(INFO_HASH_FIELDS);
  readonly #wantedBytes = Buffer.from(this.#wanted.buffer);

  /** @returns the torrent's row; -1 when there is none */
  find(infoHash: InfoHash): number {
    this.#wantedBytes.write(infoHash, 'hex');
    return this.#byInfoHash.find(this.#wanted[0]!, this.#place);
  }

  findOrAdd(infoHash: InfoHash): number {
    const known = this.find(infoHash);
    if (known !== -1) return known;
    const torrent = this.#table.take();
    for (const [field, number] of this.#wanted.entries()) this.#table.set(torrent, field, number);
    for (const field of [HOLDERS, METAINFO, BRINGER]) this.#table.set(torrent, field, 0);
    for (const field of [FIRST, LAST]) this.#table.set(torrent, field, NO_ROW);
    this.#byInfoHash.add(this.#wanted[0]!, torrent, this.#place);
    return torrent;
  }

  remove(torrent: number): void {
    for (const field of this.#wanted.keys()) this.#wanted[field] = this.#table.get(torrent, field);
    this.#byInfoHash.delete(this.#wanted[0]!, this.#place);
    this.#table.release(torrent);
  }

  infoHashOf(torrent: number): InfoHash {
    return infoHashFromBytes(this.#table.bytesOf(torrent, 0, INFO_HASH_FIELDS));
  }

  holdersOf(torrent: number): number {
    return this.#table.get(torrent, HOLDERS);
  }

  addHolders(torrent: number, count: 1 | -1): void {
    this.#table.set(torrent, HOLDERS, this.holdersOf(torrent) + count);
  }

  /** The oldest description; {@link NO_ROW} when there is none. */
  firstOf(torrent: number): number {
    return this.#table.get(torrent, FIRST);
  }

  setFirst(torrent: number, description: number): void {
    this.#table.set(torrent, FIRST, description);
  }

  /** The newest description; {@link NO_ROW} when there is none. */
  lastOf(torrent: number): number {
    return this.#table.get(torrent, LAST);
  }

  setLast(torrent: number, description: number): void {
    this.#table.set(torrent, LAST, description);
  }

  /** The bytes of its metainfo; `undefined` when there is none. */
  metainfoLengthOf(torrent: number): number | undefined {
    const field = this.#table.get(torrent, METAINFO);
    return field === 0 ? undefined : field - 1;
  }

  setMetainfoLength(torrent: number, length: number | undefined): void {
    this.#table.set(torrent, METAINFO, length === undefined ? 0 : length + 1);
  }

  /** The number of the seeder for which its metainfo counts. */
  bringerOf(torrent: number): number {
    return this.#table.get(torrent, BRINGER);
  }

  setBringer(torrent: number, seeder: number): void {
    this.#table.set(torrent, BRINGER, seeder);
  }

  /** Compares another info-hash with the wanted one; both have the same first bytes. */
  readonly #place: Place = (torrent) => {
    for (let field = 1; field < INFO_HASH_FIELDS; field += 1) {
      const difference = this.#table.get(torrent, field) - this.#wanted[field]!;
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

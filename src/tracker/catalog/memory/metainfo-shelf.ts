import type { InfoHash } from '../../../util/index.ts';
import { MAX_CATALOG_BYTES, tooMuchMetainfo } from '../catalog-limits.ts';
import { MemoryMetainfo } from './memory-metainfo.ts';
import type { Torrents } from './torrents.ts';

/** Where a shelf has its metainfo, of torrents that are there. */
export interface MetainfoStore {
  get(infoHash: InfoHash): Uint8Array | undefined;
  set(infoHash: InfoHash, metainfo: Uint8Array): void;
  delete(infoHash: InfoHash): void;
}

/** The metainfo of torrents that someone holds, up to a number of bytes in all. */
export class MetainfoShelf {
  /** Bytes that it takes at most; what is there already stays. */
  maxBytes = MAX_CATALOG_BYTES;
  readonly #torrents: Torrents;
  readonly #store: MetainfoStore;
  #bytes = 0;

  constructor(torrents: Torrents, store: MetainfoStore = new MemoryMetainfo(torrents)) {
    this.#torrents = torrents;
    this.#store = store;
  }

  /**
   * Keeps a copy, unless there is one already.
   *
   * @returns `false` when nobody holds the torrent
   * @throws {CatalogFullError} TOO_MUCH_METAINFO
   */
  add(infoHash: InfoHash, metainfo: Uint8Array): boolean {
    if (this.has(infoHash)) return true;
    if (this.#torrents.find(infoHash) === -1) return false;
    if (this.#bytes + metainfo.length > this.maxBytes) {
      throw tooMuchMetainfo(metainfo.length, this.#bytes, this.maxBytes);
    }
    this.#store.set(infoHash, Uint8Array.from(metainfo));
    return this.count(infoHash, metainfo.length);
  }

  /** Counts metainfo that is in the store already. @returns `false` when nobody holds the torrent */
  count(infoHash: InfoHash, length: number): boolean {
    const torrent = this.#torrents.find(infoHash);
    if (torrent === -1) return false;
    this.#torrents.setMetainfoLength(torrent, length);
    this.#bytes += length;
    return true;
  }

  has(infoHash: InfoHash): boolean {
    const torrent = this.#torrents.find(infoHash);
    return torrent !== -1 && this.#torrents.metainfoLengthOf(torrent) !== undefined;
  }

  get(infoHash: InfoHash): Uint8Array | undefined {
    if (!this.has(infoHash)) return undefined;
    const metainfo = this.#store.get(infoHash);
    // Damaged on a disk: it is missing from now on, so that a seeder brings it again.
    if (metainfo === undefined) this.delete(this.#torrents.find(infoHash));
    return metainfo;
  }

  /** Forgets the metainfo of a torrent, by its row, if there is any. */
  delete(torrent: number): void {
    const length = this.#torrents.metainfoLengthOf(torrent);
    if (length === undefined) return;
    this.#bytes -= length;
    this.#torrents.setMetainfoLength(torrent, undefined);
    this.#store.delete(this.#torrents.infoHashOf(torrent));
  }
}

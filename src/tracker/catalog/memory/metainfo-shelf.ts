import type { InfoHash } from '../../../util/index.ts';
import { MAX_CATALOG_BYTES, tooMuchMetainfo } from '../catalog-limits.ts';

/** Where a shelf has its metainfo; a `Map` is one. */
export interface MetainfoStore {
  get(infoHash: InfoHash): Uint8Array | undefined;
  set(infoHash: InfoHash, metainfo: Uint8Array): unknown;
  delete(infoHash: InfoHash): unknown;
}

/** Metainfo by info-hash, up to so many bytes in all. */
export class MetainfoShelf {
  /** Bytes that it takes at most; what is there already stays. */
  maxBytes = MAX_CATALOG_BYTES;
  readonly #store: MetainfoStore;
  readonly #lengths = new Map<InfoHash, number>();
  #bytes = 0;

  constructor(store: MetainfoStore = new Map()) {
    this.#store = store;
  }

  /** Keeps a copy, unless there is one already. @throws {CatalogFullError} TOO_MUCH_METAINFO */
  add(infoHash: InfoHash, metainfo: Uint8Array): void {
    if (this.has(infoHash)) return;
    if (this.#bytes + metainfo.length > this.maxBytes) {
      throw tooMuchMetainfo(metainfo.length, this.#bytes, this.maxBytes);
    }
    this.#store.set(infoHash, Uint8Array.from(metainfo));
    this.count(infoHash, metainfo.length);
  }

  /** Counts metainfo that is in the store already. */
  count(infoHash: InfoHash, length: number): void {
    this.#lengths.set(infoHash, length);
    this.#bytes += length;
  }

  has(infoHash: InfoHash): boolean {
    return this.#lengths.has(infoHash);
  }

  get(infoHash: InfoHash): Uint8Array | undefined {
    if (!this.has(infoHash)) return undefined;
    const metainfo = this.#store.get(infoHash);
    // Damaged on a disk: it is missing from now on, so that a seeder brings it again.
    if (metainfo === undefined) this.delete(infoHash);
    return metainfo;
  }

  delete(infoHash: InfoHash): void {
    const length = this.#lengths.get(infoHash);
    if (length === undefined) return;
    this.#bytes -= length;
    this.#lengths.delete(infoHash);
    this.#store.delete(infoHash);
  }
}

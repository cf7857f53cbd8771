import type { InfoHash } from '../../../util/index.ts';
import { CatalogFullError } from '../catalog.ts';

/** Bytes of all metainfo that a catalog keeps. */
export const MAX_CATALOG_BYTES = 1024 * 1024 * 1024;

/** Metainfo by info-hash, up to so many bytes in all. */
export class MetainfoShelf {
  maxBytes = MAX_CATALOG_BYTES;
  readonly #metainfo = new Map<InfoHash, Uint8Array>();
  #bytes = 0;

  /** Keeps a copy, unless there is one already. @throws {CatalogFullError} */
  add(infoHash: InfoHash, metainfo: Uint8Array): void {
    if (this.#metainfo.has(infoHash)) return;
    if (this.#bytes + metainfo.length > this.maxBytes) {
      throw new CatalogFullError(
        'TOO_MUCH_METAINFO',
        `Cannot keep ${metainfo.length} bytes of metainfo: ${this.#bytes} of ${this.maxBytes} are taken`,
      );
    }
    this.#metainfo.set(infoHash, Uint8Array.from(metainfo));
    this.#bytes += metainfo.length;
  }

  get(infoHash: InfoHash): Uint8Array | undefined {
    return this.#metainfo.get(infoHash);
  }

  delete(infoHash: InfoHash): void {
    this.#bytes -= this.#metainfo.get(infoHash)?.length ?? 0;
    this.#metainfo.delete(infoHash);
  }
}

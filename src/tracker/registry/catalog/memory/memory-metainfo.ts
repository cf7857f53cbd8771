import type { InfoHash } from '../../../../util/index.ts';
import type { MetainfoStore } from './catalog-metainfo.ts';
import type { Torrents } from './torrents.ts';

/** The number of torrents of a page. */
const PAGE = 1024;

/**
 * Metainfo in memory by the rows of the torrents, in pages, because a `Map` with a million of them stops everything when it
 * grows.
 */
export class MemoryMetainfo implements MetainfoStore {
  readonly #torrents: Torrents;
  /** The pages, each as long as its last metainfo needs. */
  readonly #pages: (Uint8Array | undefined)[][] = [];

  constructor(torrents: Torrents) {
    this.#torrents = torrents;
  }

  get(infoHash: InfoHash): Uint8Array | undefined {
    const torrent = this.#torrents.find(infoHash);
    return this.#pages[Math.floor(torrent / PAGE)]?.[torrent % PAGE];
  }

  set(infoHash: InfoHash, metainfo: Uint8Array | undefined): void {
    const torrent = this.#torrents.find(infoHash);
    const at = Math.floor(torrent / PAGE);
    while (this.#pages.length <= at) this.#pages.push([]);
    this.#pages[at]![torrent % PAGE] = metainfo;
  }

  delete(infoHash: InfoHash): void {
    this.set(infoHash, undefined);
  }
}

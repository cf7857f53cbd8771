import type { InfoHash } from '../../../../util/index.ts';
import { DEFAULT_LIMITS } from '../../../settings.ts';
import { tooMuchMetainfo, tooMuchMetainfoOfAddress } from '../catalog-limits.ts';
import { MemoryMetainfo } from './memory-metainfo.ts';
import type { Shares } from './shares.ts';
import type { Torrents } from './torrents.ts';

/** The place where metainfo is stored, by the info-hash of a torrent in the catalog. */
export interface MetainfoStore {
  get(infoHash: InfoHash): Uint8Array | undefined;
  set(infoHash: InfoHash, metainfo: Uint8Array): void;
  delete(infoHash: InfoHash): void;
}

/**
 * The metainfo of torrents that seeders hold, limited in bytes in all and for each owner of seeders. Each metainfo counts
 * for one seeder that holds the torrent.
 */
export class CatalogMetainfo {
  /** The most bytes of all metainfo. Lowering it removes nothing. */
  maxCatalogBytes = DEFAULT_LIMITS.maxCatalogBytes;
  maxCatalogBytesPerAddress = DEFAULT_LIMITS.maxCatalogBytesPerAddress;
  readonly #torrents: Torrents;
  readonly #shares: Shares;
  readonly #store: MetainfoStore;
  #bytes = 0;

  constructor(torrents: Torrents, shares: Shares, store: MetainfoStore = new MemoryMetainfo(torrents)) {
    this.#torrents = torrents;
    this.#shares = shares;
    this.#store = store;
  }

  /**
   * Stores a copy of a metainfo, unless there is one already.
   *
   * @param bringer number of a seeder that holds the torrent
   * @param isTrusted whether the share of its owner does not limit it
   * @throws {CatalogFullError} TOO_MUCH_METAINFO
   */
  add(infoHash: InfoHash, metainfo: Uint8Array, bringer: number, isTrusted: boolean): void {
    if (this.has(infoHash)) return;
    this.checkRoom(metainfo, bringer, isTrusted);
    this.#store.set(infoHash, Uint8Array.from(metainfo));
    this.count(infoHash, metainfo.length, bringer);
  }

  /** Checks whether there is room for a metainfo, as {@link add} does. @throws {CatalogFullError} TOO_MUCH_METAINFO */
  checkRoom(metainfo: Uint8Array, bringer: number, isTrusted: boolean): void {
    const taken = isTrusted ? 0 : (this.#shares.ofSeeder(bringer)?.bytes ?? 0);
    if (taken + metainfo.length > this.maxCatalogBytesPerAddress && !isTrusted) {
      throw tooMuchMetainfoOfAddress(metainfo.length, taken, this.maxCatalogBytesPerAddress);
    }
    if (this.#bytes + metainfo.length > this.maxCatalogBytes) {
      throw tooMuchMetainfo(metainfo.length, this.#bytes, this.maxCatalogBytes);
    }
  }

  /** Counts metainfo that is stored already. @param bringer number of a seeder that holds the torrent */
  count(infoHash: InfoHash, length: number, bringer: number): void {
    const torrent = this.#torrents.find(infoHash);
    this.#torrents.setMetainfoLength(torrent, length);
    this.#torrents.setBringer(torrent, bringer);
    this.#shares.addBytes(bringer, length);
    this.#bytes += length;
  }

  /** Says whether there is metainfo of a torrent, by its row, that counts for a seeder. */
  countsFor(torrent: number, seeder: number): boolean {
    return (
      this.#torrents.bringerOf(torrent) === seeder && this.#torrents.metainfoLengthOf(torrent) !== undefined
    );
  }

  /** Counts the metainfo of a torrent, by its row, for another seeder that holds it. */
  passOn(torrent: number, to: number): void {
    const length = this.#torrents.metainfoLengthOf(torrent) ?? 0;
    this.#shares.addBytes(this.#torrents.bringerOf(torrent), -length);
    this.#shares.addBytes(to, length);
    this.#torrents.setBringer(torrent, to);
  }

  has(infoHash: InfoHash): boolean {
    const torrent = this.#torrents.find(infoHash);
    return torrent !== -1 && this.#torrents.metainfoLengthOf(torrent) !== undefined;
  }

  get(infoHash: InfoHash): Uint8Array | undefined {
    if (!this.has(infoHash)) return undefined;
    const metainfo = this.#store.get(infoHash);
    // The metainfo is damaged on the disk: it counts as missing from now on, so that a seeder brings it again.
    if (metainfo === undefined) this.delete(this.#torrents.find(infoHash));
    return metainfo;
  }

  /** Forgets the metainfo of a torrent, by its row, if there is any. */
  delete(torrent: number): void {
    const length = this.#torrents.metainfoLengthOf(torrent);
    if (length === undefined) return;
    this.#bytes -= length;
    this.#shares.addBytes(this.#torrents.bringerOf(torrent), -length);
    this.#torrents.setMetainfoLength(torrent, undefined);
    this.#store.delete(this.#torrents.infoHashOf(torrent));
  }
}

import type { InfoHash, Turns } from '../../util/index.ts';
import type { Access } from '../guard/access/index.ts';
import { type Bringer, type Catalog, CatalogFullError, type StoredTorrent } from './catalog/index.ts';
import type { CheckedTorrent } from './checked-torrent.ts';
import { swarmsOf } from './seeder-swarms.ts';

/** The number of torrents of a list that are looked at in one step. */
export const LIST_STEP = 1000;

/** The parts of a tracker that lists of torrents are checked against. */
export interface TorrentListsOptions {
  readonly catalog: Catalog;
  /** Says which torrents are served. */
  readonly access: Access;
  /** The turns of the event loop for long lists. */
  readonly turns: Turns;
}

/** Goes through lists of registered torrents, long ones in steps: which are served, and which have metainfo. */
export class TorrentLists {
  readonly #catalog: Catalog;
  readonly #access: Access;
  readonly #turns: Turns;

  constructor({ catalog, access, turns }: TorrentListsOptions) {
    this.#catalog = catalog;
    this.#access = access;
    this.#turns = turns;
  }

  /** Says whether one of the info-hashes of a torrent, of which a hybrid has two, is not served. */
  #isRefused(torrent: StoredTorrent): boolean {
    for (const infoHash of swarmsOf([torrent])) {
      if (this.#access.refuseInfoHash(infoHash) !== undefined) return true;
    }
    return false;
  }

  /** Divides torrents into those that are served and those that are not. */
  async divide(
    torrents: readonly StoredTorrent[],
  ): Promise<{ readonly served: StoredTorrent[]; readonly refused: StoredTorrent[] }> {
    const served: StoredTorrent[] = [];
    const refused: StoredTorrent[] = [];
    await this.#turns.forEach(torrents, LIST_STEP, (torrent) => {
      (this.#isRefused(torrent) ? refused : served).push(torrent);
    });
    return { served, refused };
  }

  /**
   * Stores the metainfo that came with torrents. Metainfo that does not fit is `missing` in the response, and a seeder that
   * uploads it is told why.
   */
  async keepMetainfo(
    torrents: readonly StoredTorrent[],
    checked: ReadonlyMap<InfoHash, CheckedTorrent>,
    by: Bringer,
  ): Promise<void> {
    for (const [at, { infoHash }] of torrents.entries()) {
      if (at % LIST_STEP === LIST_STEP - 1) await this.#turns.next();
      const { metainfo, content } = checked.get(infoHash)!;
      if (metainfo === undefined) continue;
      try {
        await this.#catalog.addMetainfo(infoHash, metainfo, by, content);
      } catch (thrown) {
        if (!(thrown instanceof CatalogFullError)) throw thrown;
        return;
      }
    }
  }

  /** Finds the torrents that have no metainfo. */
  async missing(torrents: readonly StoredTorrent[]): Promise<InfoHash[]> {
    const missing: InfoHash[] = [];
    for (let at = 0; at < torrents.length; at += LIST_STEP) {
      if (at > 0) await this.#turns.next();
      const some = torrents.slice(at, at + LIST_STEP).map(({ infoHash }) => infoHash);
      missing.push(...(await this.#catalog.withoutMetainfo(some)));
    }
    return missing;
  }

  /** Finds the first of the torrents that has metainfo. */
  async firstWithMetainfo(torrents: readonly StoredTorrent[]): Promise<InfoHash | undefined> {
    const infoHashes = torrents.map(({ infoHash }) => infoHash);
    const missing = new Set(await this.#catalog.withoutMetainfo(infoHashes));
    return infoHashes.find((infoHash) => !missing.has(infoHash));
  }
}

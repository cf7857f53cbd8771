import { join } from 'node:path';
import { type Closer, closeAll } from '../util/index.ts';
import type { CatalogLimits } from './catalog/index.ts';
import { findDamage, LmdbCatalog, type LmdbCatalogOptions, setAside } from './catalog/lmdb/index.ts';
import { lockFolder } from './folder-lock.ts';
import { KeptSwarms, type KeptSwarmsOptions } from './kept-swarms.ts';
import { TrackerError } from './tracker-error.ts';
import type { Turns } from './turns.ts';

/** Name of the catalog's file in the folder that is given. */
const CATALOG_FILE = 'catalog.lmdb';

export interface KeptStateOptions extends KeptSwarmsOptions {
  readonly limits: CatalogLimits;
  /** For calls of the catalog that take long. */
  readonly turns?: Turns;
  /** A time of the clock, in milliseconds since 1970. */
  readonly toWallTime: (at: number) => number;
}

/** A tracker's life over a restart: its catalog, which is always written, and its swarms, in a folder of its own. */
export class KeptState {
  readonly catalog: LmdbCatalog;
  readonly #swarms: KeptSwarms;
  readonly #lock: Closer;

  private constructor(catalog: LmdbCatalog, swarms: KeptSwarms, lock: Closer) {
    this.catalog = catalog;
    this.#swarms = swarms;
    this.#lock = lock;
  }

  /**
   * Takes up the state of the last run. What of it is damaged is reported and left out: seeders and peers bring it again.
   *
   * @throws {TrackerError} STATE_IN_USE, BAD_STATE, CANNOT_KEEP_STATE, NO_LMDB
   */
  static async open({ limits, turns, ...options }: KeptStateOptions): Promise<KeptState> {
    const { folder, clock, toWallTime, report } = options;
    const lock = await lockFolder(folder);
    try {
      const path = join(folder, CATALOG_FILE);
      const catalog = await openCatalog({
        ...limits,
        ...(turns && { turns }),
        path,
        clock,
        toWallTime,
        report,
      });
      const swarms = new KeptSwarms(options);
      await swarms.restore();
      return new KeptState(catalog, swarms, lock);
    } catch (thrown) {
      await closeAll([lock]);
      throw thrown;
    }
  }

  /** Writes the swarms every few minutes. @returns what ends that */
  start(): Closer {
    return this.#swarms.start();
  }

  /** Writes everything a last time, after the last announce, and gives the folder back. */
  get closers(): readonly Closer[] {
    return [
      { name: 'the snapshot of the swarms', close: () => this.#swarms.save() },
      { name: 'the catalog', close: () => this.catalog.close() },
      this.#lock,
    ];
  }
}

/**
 * Opens the catalog. One whose form is damaged is kept under another name, and an empty one opened in its place: the
 * seeders register again within the time in which they renew.
 */
async function openCatalog(options: LmdbCatalogOptions): Promise<LmdbCatalog> {
  const { path, report } = options;
  try {
    const damage = await findDamage(path);
    if (damage !== undefined) throw damage;
    return await LmdbCatalog.open(options);
  } catch (thrown) {
    if (!(thrown instanceof TrackerError) || thrown.code !== 'DAMAGED_STATE') throw thrown;
    const aside = await setAside(path);
    const message = `A catalog that is damaged was moved to ${aside}, and seeders register again by themselves: ${thrown.message}`;
    report(new TrackerError('DAMAGED_STATE', message, { cause: thrown }), 'read the catalog');
    return LmdbCatalog.open(options);
  }
}

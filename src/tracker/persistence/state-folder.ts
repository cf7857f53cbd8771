import { join } from 'node:path';
import { type Closer, closeAll, ShoalError, type Turns, toError } from '../../util/index.ts';
import { TrackerStartError } from '../errors/index.ts';
import type { CatalogLimits } from '../registry/catalog/index.ts';
import { type LmdbCatalog, openCatalog } from '../registry/catalog/lmdb/index.ts';
import { lockFolder } from './folder-lock.ts';
import { SwarmSnapshots, type SwarmSnapshotsOptions } from './swarm-snapshots.ts';

/** Name of the catalog's file in the folder that is given. */
const CATALOG_FILE = 'catalog.lmdb';

export interface StateFolderOptions extends SwarmSnapshotsOptions {
  readonly limits: CatalogLimits;
  /** For calls of the catalog that take long. */
  readonly turns?: Turns;
  /** A time of the clock, in milliseconds since 1970. */
  readonly toWallTime: (at: number) => number;
}

/** A tracker's life over a restart: its catalog, which is always written, and its swarms, in a folder of its own. */
export class StateFolder {
  readonly catalog: LmdbCatalog;
  readonly #swarms: SwarmSnapshots;
  readonly #lock: Closer;

  private constructor(catalog: LmdbCatalog, swarms: SwarmSnapshots, lock: Closer) {
    this.catalog = catalog;
    this.#swarms = swarms;
    this.#lock = lock;
  }

  /**
   * Takes up the state of the last run. What of it is damaged is reported and left out: seeders and peers bring it again.
   *
   * @throws {TrackerStartError} STATE_IN_USE, BAD_STATE, CANNOT_KEEP_STATE, NO_LMDB
   */
  static async open({ limits, turns, ...options }: StateFolderOptions): Promise<StateFolder> {
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
      const swarms = new SwarmSnapshots(options);
      await swarms.restore();
      return new StateFolder(catalog, swarms, lock);
    } catch (thrown) {
      await closeAll([lock]);
      throw thrown;
    }
  }

  /** Writes the swarms every few minutes. @returns what ends that */
  start(): Closer {
    return this.#swarms.start();
  }

  /**
   * The parts of it, in the order in which they were opened. Closed in reverse, after the last announce, they write
   * everything a last time and give the folder back.
   */
  get closers(): readonly Closer[] {
    return [
      this.#lock,
      { name: 'the catalog', close: () => asStateError(this.catalog.close()) },
      { name: 'the snapshot of the swarms', close: () => asStateError(this.#swarms.save()) },
    ];
  }
}

/** Says of what fails that the state could not be kept. */
async function asStateError(saving: Promise<void>): Promise<void> {
  await saving.catch((cause: unknown) => {
    throw new TrackerStartError('CANNOT_KEEP_STATE', toError(cause).message, { cause });
  });
}

/** Tells whether a report is of something that was kept, and is damaged. */
export function tellsOfDamage(error: Error): boolean {
  return error instanceof ShoalError && (error.code === 'DAMAGED_STATE' || error.code === 'BAD_SNAPSHOT');
}

import { join } from 'node:path';
import { type Closer, closeAll, ShoalError, type Turns, toError } from '../../util/index.ts';
import { TrackerStartError } from '../errors/index.ts';
import type { CatalogLimits } from '../registry/catalog/index.ts';
import { type LmdbCatalog, openCatalog } from '../registry/catalog/lmdb/index.ts';
import { lockFolder } from './folder-lock.ts';
import { SwarmSnapshots, type SwarmSnapshotsOptions } from './swarm-snapshots.ts';

/** The name of the catalog's file in the folder. */
const CATALOG_FILE = 'catalog.lmdb';

export interface StateFolderOptions extends SwarmSnapshotsOptions {
  readonly limits: CatalogLimits;
  /** The turns of the event loop for long calls of the catalog. */
  readonly turns?: Turns;
  /** Turns a time of the clock into milliseconds since 1970. */
  readonly toWallTime: (at: number) => number;
}

/**
 * The folder with the state that outlives a restart of the tracker: its catalog, written after each change, and the snapshot
 * of its swarms.
 */
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
   * Reads the state of the last run. Damaged parts are reported and left out: seeders and peers bring them again.
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

  /** Begins to write snapshots of the swarms every few minutes. @returns the closer that ends it */
  start(): Closer {
    return this.#swarms.start();
  }

  /**
   * Gives the parts in the order in which they were opened. When they are closed in reverse, after the last announce, they
   * write all state a last time and unlock the folder.
   */
  get closers(): readonly Closer[] {
    return [
      this.#lock,
      { name: 'the catalog', close: () => asStateError(this.catalog.close()) },
      { name: 'the snapshot of the swarms', close: () => asStateError(this.#swarms.save()) },
    ];
  }
}

/** Turns a failure into the error that the state could not be written. */
async function asStateError(saving: Promise<void>): Promise<void> {
  await saving.catch((cause: unknown) => {
    throw new TrackerStartError('CANNOT_KEEP_STATE', toError(cause).message, { cause });
  });
}

/** Says whether a reported error is about a damaged part of the state. */
export function tellsOfDamage(error: Error): boolean {
  return error instanceof ShoalError && (error.code === 'DAMAGED_STATE' || error.code === 'BAD_SNAPSHOT');
}

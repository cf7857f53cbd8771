import { join } from 'node:path';
import {
  type Clock,
  type Closer,
  inBackground,
  type ReportError,
  repeat,
  toError,
} from '../../util/index.ts';
import { type MemorySwarmStore, SwarmSnapshot } from '../swarms/memory/index.ts';

/** The name of the snapshot in the folder. */
const SNAPSHOT_FILE = 'swarms.snapshot';
/** The milliseconds between two looks at whether the swarms have changed: a change after a quiet time is saved that soon. */
const LOOK_INTERVAL = 1000;
/** The least and the most milliseconds from one snapshot to the next while there are changes. */
const SHORTEST_PAUSE = 5000;
const LONGEST_PAUSE = 180_000;
/** The milliseconds from a failed snapshot to the next attempt. */
const RETRY_PAUSE = 30_000;
/** The bytes a second that snapshots write, on average: the more there is to save, the longer the pause. */
const BYTES_PER_SECOND = 256 * 1024;

export interface SwarmSnapshotsOptions {
  readonly store: MemorySwarmStore;
  readonly folder: string;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  readonly report: ReportError;
}

/**
 * The snapshots by which swarms outlive a restart: one is read before the tracker listens, and others are written while it
 * runs. A change is saved a second after it was made if the last snapshot is old enough. The age that is enough depends on
 * its size: 5 seconds up to some 35,000 peers, then longer, and 3 minutes from a million peers on.
 */
export class SwarmSnapshots {
  readonly #snapshot: SwarmSnapshot;
  readonly #options: SwarmSnapshotsOptions;
  /** The time of the clock from which on the next snapshot may be made. */
  #nextAt = 0;
  #isSaving = false;
  /** Whether the last snapshot failed, which is reported once. */
  #hasFailed = false;

  constructor(options: SwarmSnapshotsOptions) {
    const { store, folder, clock, wallTime } = options;
    this.#options = options;
    this.#snapshot = new SwarmSnapshot({ store, path: join(folder, SNAPSHOT_FILE), clock, wallTime });
  }

  /** Reads the swarms of the last run. If that fails, the tracker starts without them: peers come back. */
  async restore(): Promise<void> {
    const { report } = this.#options;
    try {
      await this.#snapshot.load();
    } catch (thrown) {
      report(toError(thrown), 'take up the swarms of the last run');
    }
  }

  /** Begins to save the swarms soon after each change. @returns the closer that ends it */
  start(): Closer {
    const { clock, report } = this.#options;
    const look = (): void => {
      if (this.#isDue()) inBackground(this.#saveChanges(), 'save the swarms', report);
    };
    return { name: 'the snapshot timer', close: repeat(clock, LOOK_INTERVAL, look) };
  }

  /** Saves the swarms now. @throws the error of the file system */
  async save(): Promise<void> {
    await this.#snapshot.save();
  }

  #isDue(): boolean {
    const { store, clock } = this.#options;
    if (this.#isSaving || clock.now() < this.#nextAt) return false;
    return store.takeChanged() || this.#hasFailed;
  }

  async #saveChanges(): Promise<void> {
    const { clock, report } = this.#options;
    this.#isSaving = true;
    let pause = RETRY_PAUSE;
    try {
      const bytes = await this.#snapshot.save();
      pause = Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, (bytes / BYTES_PER_SECOND) * 1000));
      this.#hasFailed = false;
    } catch (thrown) {
      if (!this.#hasFailed)
        report(toError(thrown), `save the swarms, and will try again every ${RETRY_PAUSE / 1000} s`);
      this.#hasFailed = true;
    } finally {
      this.#isSaving = false;
      this.#nextAt = clock.now() + pause;
    }
  }
}

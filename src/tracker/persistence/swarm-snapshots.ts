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

/** The name of the snapshot in the folder that is given. */
const SNAPSHOT_FILE = 'swarms.snapshot';
/** Milliseconds between two looks at whether the swarms have changed: a change after a quiet time is saved that soon. */
const LOOK_INTERVAL = 1000;
/** Milliseconds from one snapshot to the next while there are changes: at least, and at most. */
const SHORTEST_PAUSE = 5000;
const LONGEST_PAUSE = 180_000;
/** Milliseconds from a snapshot that failed to the next. */
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
 * The swarms' life over a restart: their snapshot is read before the tracker listens, and written while it runs. A change
 * is saved a second after it was made if the last snapshot is old enough. How old that is follows from its size:
 * 5 seconds up to some 35,000 peers, then longer, and 3 minutes from a million peers on.
 */
export class SwarmSnapshots {
  readonly #snapshot: SwarmSnapshot;
  readonly #options: SwarmSnapshotsOptions;
  /** When the next snapshot may be made. */
  #nextAt = 0;
  #isSaving = false;
  /** Whether the last snapshot failed; that is told once. */
  #hasFailed = false;

  constructor(options: SwarmSnapshotsOptions) {
    const { store, folder, clock, wallTime } = options;
    this.#options = options;
    this.#snapshot = new SwarmSnapshot({ store, path: join(folder, SNAPSHOT_FILE), clock, wallTime });
  }

  /** Takes up the swarms of the last run. A tracker that has forgotten them is better than none: they come back. */
  async restore(): Promise<void> {
    const { report } = this.#options;
    try {
      await this.#snapshot.load();
    } catch (thrown) {
      report(toError(thrown), 'take up the swarms of the last run');
    }
  }

  /** Saves the swarms soon after they have changed. @returns what ends that */
  start(): Closer {
    const { clock, report } = this.#options;
    const look = (): void => {
      if (this.#isDue()) inBackground(this.#saveChanges(), 'save the swarms', report);
    };
    return { name: 'the snapshot timer', close: repeat(clock, LOOK_INTERVAL, look) };
  }

  /** Saves the swarms now. @throws what the file system fails with */
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

import { join } from 'node:path';
import { type Clock, type Closer, inBackground, type ReportError, toError } from '../util/index.ts';
import { repeat } from './repeat.ts';
import { type MemorySwarmStore, SwarmSnapshot } from './swarms/memory/index.ts';

/** Milliseconds between snapshots of the swarms. */
const SNAPSHOT_INTERVAL = 180_000;
/** Name of their file in the folder that is given. */
const SNAPSHOT_FILE = 'swarms.snapshot';

export interface KeptSwarmsOptions {
  readonly store: MemorySwarmStore;
  readonly folder: string;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  readonly report: ReportError;
}

/** The swarms' life over a restart: their snapshot is read before the tracker listens, and written from then on. */
export class KeptSwarms {
  readonly #snapshot: SwarmSnapshot;
  readonly #options: KeptSwarmsOptions;

  constructor(options: KeptSwarmsOptions) {
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

  /** Writes them every few minutes. @returns what ends that */
  start(): Closer {
    const { clock, report } = this.#options;
    const save = (): void => inBackground(this.save(), 'save the swarms', report);
    return { name: 'the snapshot timer', close: repeat(clock, SNAPSHOT_INTERVAL, save) };
  }

  save(): Promise<void> {
    return this.#snapshot.save();
  }
}

import type { Session } from '../session/index.ts';
import type { TrackerPorts } from '../tracker-client/index.ts';
import type { Clock, Random, ReportError } from '../util/index.ts';
import type { Disk, Watch } from './disk.ts';
import type { SeedingRule } from './seed-until.ts';

/** The parts that a download uses. */
export interface DownloadResources extends Watch {
  readonly session: Session;
  readonly disk: Disk;
  /** The time and the network of calls of trackers. */
  readonly ports: TrackerPorts;
  /** The milliseconds after which it gives up when all trackers fail and no peer can be reached. */
  readonly trackerPatienceMs: number;
  /** Whether it waits for a seeder to appear. */
  readonly wait: boolean;
  /** The milliseconds after which it gives up when nothing comes; 0 for never. */
  readonly stallMs: number;
  /** The rule by which it seeds what it has delivered; `undefined` when it does not. */
  readonly seeding: SeedingRule | undefined;
  /** Whether the trackers that a `.torrent` names may have any address. */
  readonly trustTrackers: boolean;
  readonly peerId: Uint8Array;
  readonly clock: Clock;
  /** The clock of deadlines, whose timers keep the process alive. */
  readonly wakefulClock: Clock;
  readonly random: Random;
  readonly report: ReportError;
  /** Called with sentences for somebody who looks for a fault. */
  readonly debug: (message: string) => void;
}

/** The bytes that a download has moved, and the number of peers that sent some. */
export interface Moved {
  readonly downloaded: number;
  readonly uploaded: number;
  readonly sources: number;
}

/** The bytes that a download has moved, and those that were on this disk already. */
export interface Obtained extends Moved {
  /** The bytes of the pieces that were taken from other files on this disk. */
  readonly reused: number;
}

import type { HashPool } from '../hashing/index.ts';
import type { Session } from '../session/index.ts';
import type { OpenFiles, Preallocation } from '../storage/index.ts';
import type { Clock, Random, ReportError } from '../util/index.ts';
import type { GetProgress } from './get-options.ts';

/** The parts that a download works with. */
export interface DownloadResources {
  readonly session: Session;
  readonly pool: HashPool;
  readonly openFiles: OpenFiles;
  readonly preallocation: Preallocation;
  /** Milliseconds after which it gives up when all trackers fail and no peer can be reached. */
  readonly trackerPatienceMs: number;
  /** Allows the trackers that a `.torrent` names to have any address. */
  readonly trustTrackers: boolean;
  readonly peerId: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
  /** Takes what matters only to somebody who looks for a fault. */
  readonly debug: (message: string) => void;
  readonly signal: AbortSignal;
  readonly tell: (progress: GetProgress) => void;
}

/** The bytes that a download has moved, and from how many peers. */
export interface Moved {
  readonly downloaded: number;
  readonly uploaded: number;
  readonly sources: number;
}

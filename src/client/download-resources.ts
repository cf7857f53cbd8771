import type { HashPool } from '../hashing/index.ts';
import type { Session } from '../session/index.ts';
import type { OpenFiles, Preallocation } from '../storage/index.ts';
import type { Clock, Random, ReportError } from '../util/index.ts';
import type { GetProgress } from './get-options.ts';

/** The parts that a download uses. */
export interface DownloadResources {
  readonly session: Session;
  readonly pool: HashPool;
  readonly openFiles: OpenFiles;
  readonly preallocation: Preallocation;
  /** The milliseconds after which it gives up when all trackers fail and no peer can be reached. */
  readonly trackerPatienceMs: number;
  /** Whether the trackers that a `.torrent` names may have any address. */
  readonly trustTrackers: boolean;
  readonly peerId: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
  /** Called with sentences for somebody who looks for a fault. */
  readonly debug: (message: string) => void;
  readonly signal: AbortSignal;
  readonly tell: (progress: GetProgress) => void;
}

/** The bytes that a download has moved, and the number of peers that sent some. */
export interface Moved {
  readonly downloaded: number;
  readonly uploaded: number;
  readonly sources: number;
}

import type { Torrent } from '../session/index.ts';
import type { Clock, ReportError } from '../util/index.ts';
import { RepeatedWork } from './repeated-work.ts';

/** The most former versions of folders that are served at once. For one more, the oldest ends. */
export const MAX_OLD_VERSIONS = 8;
/** The milliseconds after which a former version ends, even if somebody still downloads it. */
export const OLD_VERSION_MS = 3_600_000;
/** The milliseconds in which nothing is sent of a former version before it ends. */
export const OLD_VERSION_IDLE_MS = 60_000;
const LOOK_INTERVAL_MS = 5000;

interface OldVersion {
  readonly torrent: Pick<Torrent, 'stats'>;
  readonly end: () => void;
  readonly since: number;
  uploaded: number;
  /** The time at which bytes were last sent. */
  sentAt: number;
}

/** The options of {@link OldVersions}. */
export interface OldVersionsOptions {
  readonly clock: Clock;
  readonly report: ReportError;
}

/** The former versions of folders, which are served on while somebody downloads them, but not registered any more. */
export class OldVersions {
  readonly #clock: Clock;
  /** The versions, the oldest first. */
  readonly #versions = new Set<OldVersion>();
  readonly #work: RepeatedWork;

  constructor({ clock, report }: OldVersionsOptions) {
    this.#clock = clock;
    this.#work = new RepeatedWork({
      clock,
      pauseMs: LOOK_INTERVAL_MS,
      work: async () => this.#endUnused(),
      context: 'look for former versions that nobody downloads',
      report,
    });
  }

  /** Serves a version on. @param end called when it is to end, unless it was forgotten before */
  add(torrent: Pick<Torrent, 'stats'>, end: () => void): void {
    const now = this.#clock.now();
    const version: OldVersion = { torrent, end, since: now, uploaded: torrent.stats.uploaded, sentAt: now };
    this.#versions.add(version);
    const [oldest] = this.#versions;
    if (this.#versions.size > MAX_OLD_VERSIONS) this.#end(oldest!);
    if (!isDownloaded(torrent)) this.#end(version);
  }

  /** Forgets a version that has ended for another reason. */
  forget(torrent: Pick<Torrent, 'stats'>): void {
    for (const version of this.#versions) if (version.torrent === torrent) this.#versions.delete(version);
  }

  close(): void {
    this.#versions.clear();
    this.#work.close();
  }

  #endUnused(): void {
    const now = this.#clock.now();
    for (const version of this.#versions) {
      const { uploaded } = version.torrent.stats;
      if (uploaded > version.uploaded) Object.assign(version, { uploaded, sentAt: now });
      const isIdle = now >= version.sentAt + OLD_VERSION_IDLE_MS;
      const isTooOld = now >= version.since + OLD_VERSION_MS;
      if (isIdle || isTooOld || !isDownloaded(version.torrent)) this.#end(version);
    }
  }

  #end(version: OldVersion): void {
    if (this.#versions.delete(version)) version.end();
  }
}

/** Tells whether somebody is connected who does not have all pieces. */
function isDownloaded({ stats: { peers, seeds } }: Pick<Torrent, 'stats'>): boolean {
  return peers > seeds;
}

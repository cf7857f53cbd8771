import type { AnnouncerOptions } from './announcer-options.ts';
import { SwarmAnnouncer } from './swarm-announcer.ts';
import { type TrackerState, trackerStates } from './tracker-state.ts';

/** Trackers of one torrent that are used; the rest of an announce list is left, and reported. */
export const MAX_TRACKERS_PER_TORRENT = 64;

/**
 * Keeps a torrent announced to its trackers, from `start()` to `close()`: in each of its swarms if it is a hybrid.
 *
 * @see BEP 3, BEP 12, BEP 21, BEP 31, BEP 52
 */
export class Announcer {
  readonly #swarms: readonly SwarmAnnouncer[];

  constructor(options: AnnouncerOptions) {
    const tiers = distinctTrackers(options);
    this.#swarms = options.infoHashes.map((infoHash) => new SwarmAnnouncer(infoHash, tiers, options));
  }

  /** Announces now, and from then on when it is time. */
  start(): void {
    for (const swarm of this.#swarms) swarm.start();
  }

  /** The download has become whole: said at once, and once. Not for a torrent that was whole from the start. */
  completed(): void {
    for (const swarm of this.#swarms) swarm.completed();
  }

  /**
   * Says whether the torrent has no peer to download from. While it has none, each tracker is asked as soon as its
   * `min interval` allows, and one that failed after a minute at the latest. May be called often.
   */
  setNeedsPeers(needsPeers: boolean): void {
    for (const swarm of this.#swarms) swarm.setNeedsPeers(needsPeers);
  }

  /** The state of each tracker, in the order in which they are asked. */
  get trackers(): TrackerState[] {
    return trackerStates(this.#swarms.map((swarm) => swarm.trackers));
  }

  /**
   * Says `stopped` to each tracker that lists the peer, and gives them little time to answer.
   * Does not fail: what did not work goes to `onFailure`.
   */
  async close(): Promise<void> {
    await Promise.all(this.#swarms.map((swarm) => swarm.close()));
  }
}

/** Each URL once, where it stands first. */
function distinctTrackers({ tiers, report }: AnnouncerOptions): string[][] {
  const distinct = new Set(tiers.flat());
  const unused = new Set([...distinct].slice(0, MAX_TRACKERS_PER_TORRENT));
  if (unused.size < distinct.size) {
    report(
      new Error(`The torrent names ${distinct.size} trackers; the first ${unused.size} are used`),
      'read the announce list',
    );
  }
  return tiers.map((tier) => tier.filter((url) => unused.delete(url)));
}

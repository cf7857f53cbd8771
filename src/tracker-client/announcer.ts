import type { AnnouncerOptions } from './announcer-options.ts';
import { SwarmAnnouncer } from './swarm-announcer.ts';
import { type TrackerState, trackerStates } from './tracker-state.ts';

/** The most trackers of one torrent that are used. The others of its announce list are ignored, which is reported. */
export const MAX_TRACKERS_PER_TORRENT = 64;

/**
 * The announcer of a torrent: it keeps the torrent announced to its trackers from `start()` to `close()`. A hybrid torrent
 * is announced in both of its swarms.
 *
 * @see BEP 3, BEP 12, BEP 21, BEP 31, BEP 52
 */
export class Announcer {
  readonly #swarms: readonly SwarmAnnouncer[];

  constructor(options: AnnouncerOptions) {
    const tiers = distinctTrackers(options);
    this.#swarms = options.infoHashes.map((infoHash) => new SwarmAnnouncer(infoHash, tiers, options));
  }

  /** Announces now, and then again whenever it is time. */
  start(): void {
    for (const swarm of this.#swarms) swarm.start();
  }

  /**
   * Announces `completed`, at once and only once. Call it when the download has become whole, and not for a torrent that
   * was whole from the start.
   */
  completed(): void {
    for (const swarm of this.#swarms) swarm.completed();
  }

  /**
   * Sets whether the torrent lacks a peer to download from. While it does, each tracker is asked as soon as its
   * `min interval` allows, and a tracker that has failed is asked again after at most a minute. It may be called often.
   */
  setNeedsPeers(needsPeers: boolean): void {
    for (const swarm of this.#swarms) swarm.setNeedsPeers(needsPeers);
  }

  /** The state of each tracker, in the order in which they are asked. */
  get trackers(): TrackerState[] {
    return trackerStates(this.#swarms.map((swarm) => swarm.trackers));
  }

  /**
   * Announces `stopped` to each tracker that lists the peer, and waits a short time for the responses. It never rejects:
   * errors go to `onFailure`.
   */
  async close(): Promise<void> {
    await Promise.all(this.#swarms.map((swarm) => swarm.close()));
  }
}

/** Lists the trackers by tier, each URL once, at its first place. */
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

import type { AnnounceEvent, AnnounceRequest } from '../tracker-protocol/index.ts';
import {
  type Address,
  type CancelTimer,
  handleOrReport,
  type InfoHash,
  inBackground,
  toError,
} from '../util/index.ts';
import type { AnnouncerOptions, ReceivedAnnounceResponse } from './announcer-options.ts';
import { type Occasion, Tiers, type TierTracker } from './tiers.ts';

/** The fewest seconds between announces. A shorter interval of a tracker is raised to this. */
export const MIN_ANNOUNCE_INTERVAL = 5;
/** The most seconds between announces. A longer interval of a tracker is cut to this. */
export const MAX_ANNOUNCE_INTERVAL = 24 * 3600;
/** The `min interval`, in seconds, of a tracker that gives none; its interval if that is shorter. */
export const DEFAULT_MIN_INTERVAL = 60;
/** The milliseconds without a response after which the next tracker is asked as well. */
export const ANNOUNCE_PATIENCE_MS = 4000;
/** The milliseconds that `stopped` may take when a torrent is closed. */
export const STOPPED_TIMEOUT_MS = 1000;
/** A timer of Node.js that is set for more than 24 days fires at once: a longer wait is several timers. */
const LONGEST_TIMER_MS = 24 * 3_600_000;

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The announcer of one info-hash.
 *
 * An announce is due from `#dueAt` on (`NEVER` before `start()`) until a tracker has answered. While one is due, the
 * trackers are asked in the order of BEP 12: the next one when the one before has failed or was silent for
 * {@link ANNOUNCE_PATIENCE_MS}. A tracker that has failed is asked again after a growing wait. The first response ends
 * this and sets `#dueAt` anew. Peers of a later response are taken as well.
 */
export class SwarmAnnouncer {
  readonly #infoHash: InfoHash;
  readonly #options: AnnouncerOptions;
  readonly #tiers: Tiers;
  readonly #closing = new AbortController();
  #cancelTimer: CancelTimer = () => {};
  #dueAt = NEVER;
  /** The tracker whose response has set `#dueAt`. */
  #main: TierTracker | undefined;
  #needsPeers = false;
  #completedUnsaid = false;

  constructor(infoHash: InfoHash, tiers: readonly (readonly string[])[], options: AnnouncerOptions) {
    this.#infoHash = infoHash;
    this.#options = options;
    this.#tiers = new Tiers(tiers, options.random);
  }

  /** The state of each tracker, in the order in which they are asked. */
  get trackers(): readonly TierTracker[] {
    return this.#tiers.all;
  }

  start(): void {
    this.#dueAt = this.#now();
    this.#proceed();
  }

  completed(): void {
    this.#completedUnsaid = true;
    this.#proceed();
  }

  setNeedsPeers(needsPeers: boolean): void {
    this.#needsPeers = needsPeers;
    this.#proceed();
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#cancelTimer();
    const late = new AbortController();
    const cancelLate = this.#options.clock.setTimer(STOPPED_TIMEOUT_MS, () => late.abort());
    const listingUs = this.#tiers.all.filter((tracker) => tracker.mayListUs);
    await Promise.all(listingUs.map((tracker) => this.#sayStopped(tracker, late.signal)));
    cancelLate();
  }

  #now(): number {
    return this.#options.clock.now();
  }

  /** Asks the next tracker if it is time, or waits until it is. It is called after every change. */
  #proceed(): void {
    this.#cancelTimer();
    const now = this.#now();
    const nextAt = this.#nextAskAt(now);
    if (this.#closing.signal.aborted || nextAt === NEVER) return;
    const tracker = nextAt <= now ? this.#tiers.next(now, this.#occasion) : undefined;
    const delayMs = Math.min(Math.max(0, nextAt - now), LONGEST_TIMER_MS);
    if (tracker === undefined) {
      this.#cancelTimer = this.#options.clock.setTimer(delayMs, () => this.#proceed());
      return;
    }
    inBackground(this.#ask(tracker), `announce ${this.#infoHash}`, this.#options.report);
    this.#proceed();
  }

  get #occasion(): Occasion {
    return { needsPeers: this.#needsPeers, hasNews: this.#completedUnsaid };
  }

  /** Tells the time to ask the next tracker; `NEVER` when none is left, or all are being asked. */
  #nextAskAt(now: number): number {
    if (this.#dueAt === NEVER) return NEVER;
    const isDue = this.#needsPeers || this.#completedUnsaid || this.#dueAt <= now;
    const patientUntil = this.#tiers.lastAskedAt + ANNOUNCE_PATIENCE_MS;
    const nextAt = Math.max(patientUntil, this.#tiers.nextAt(this.#occasion));
    return isDue ? nextAt : Math.max(this.#dueAt, nextAt);
  }

  async #ask(tracker: TierTracker): Promise<void> {
    const { signal } = this.#closing;
    const event = this.#nextEvent(tracker);
    if (event === 'completed') this.#completedUnsaid = false;
    const before = tracker.mayListUs;
    tracker.mayListUs = true;
    tracker.askedAt = this.#now();
    try {
      const answer = await this.#options.announce(tracker.url, this.#request(tracker, event), { signal });
      this.#onResponse(tracker, answer);
    } catch (thrown) {
      if (event === 'completed') this.#completedUnsaid = true;
      if (signal.aborted) return;
      tracker.mayListUs = before;
      this.#tiers.failed(tracker, toError(thrown), this.#now());
      this.#tellFailure(tracker, thrown);
    }
    this.#proceed();
  }

  #nextEvent(tracker: TierTracker): AnnounceEvent {
    if (!tracker.mayListUs) return 'started';
    if (this.#completedUnsaid) return 'completed';
    return 'none';
  }

  #request(tracker: TierTracker, event: AnnounceEvent): AnnounceRequest {
    const { peerId, port, key, numWant } = this.#options;
    const wanted = event === 'stopped' ? 0 : numWant;
    return {
      infoHash: this.#infoHash,
      peerId,
      port,
      ...this.#options.stats(),
      event,
      compact: true,
      noPeerId: true,
      ...(wanted !== undefined && { numWant: wanted }),
      ...(key !== undefined && { key }),
      ...(tracker.trackerId !== undefined && { trackerId: tracker.trackerId }),
    };
  }

  #onResponse(tracker: TierTracker, answer: ReceivedAnnounceResponse): void {
    if (answer.trackerId !== undefined) tracker.trackerId = answer.trackerId;
    const interval = withinLimits(answer.interval);
    const minInterval = withinLimits(answer.minInterval ?? Math.min(DEFAULT_MIN_INTERVAL, interval));
    const now = this.#now();
    this.#tiers.answered(tracker, now + minInterval * 1000);
    if (this.#dueAt <= now || tracker === this.#main) {
      this.#main = tracker;
      this.#tiers.moveToFront(tracker);
      this.#dueAt = now + Math.max(interval, minInterval) * 1000;
    }
    if (this.#closing.signal.aborted) return;
    const options = this.#options;
    handleOrReport(
      () => options.onResponse?.(tracker.url, answer),
      "take a tracker's answer",
      options.report,
    );
    this.#takePeers(answer.peers);
    const lookedUp = answer.peersLookedUp?.then((peers) => this.#takePeers(peers));
    if (lookedUp !== undefined) inBackground(lookedUp, "look up a tracker's peers", options.report);
  }

  #takePeers(peers: readonly Address[]): void {
    if (this.#closing.signal.aborted) return;
    const options = this.#options;
    handleOrReport(() => options.onPeers(peers), "take a tracker's peers", options.report);
  }

  async #sayStopped(tracker: TierTracker, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.announce(tracker.url, this.#request(tracker, 'stopped'), { signal });
    } catch (thrown) {
      this.#tellFailure(tracker, thrown);
    }
  }

  #tellFailure(tracker: TierTracker, thrown: unknown): void {
    const options = this.#options;
    const error = toError(thrown);
    handleOrReport(() => options.onFailure(tracker.url, error), 'hear of a failed announce', options.report);
  }
}

function withinLimits(seconds: number): number {
  return Math.min(MAX_ANNOUNCE_INTERVAL, Math.max(MIN_ANNOUNCE_INTERVAL, seconds));
}

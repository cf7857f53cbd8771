import type { AnnounceEvent, AnnounceRequest, AnnounceResponse } from '../tracker-protocol/index.ts';
import { type CancelTimer, handleOrReport, type InfoHash, inBackground, toError } from '../util/index.ts';
import type { AnnouncerOptions } from './announcer-options.ts';
import { Tiers, type Tracker } from './tiers.ts';

/** Seconds between announces: what a tracker asks for is kept within these. */
export const MIN_ANNOUNCE_INTERVAL = 5;
export const MAX_ANNOUNCE_INTERVAL = 24 * 3600;
/** Seconds before a tracker without a `min interval` is asked for more peers, if its interval is not shorter still. */
export const DEFAULT_MIN_INTERVAL = 60;
/** How long `stopped` may take when a torrent is closed. */
export const STOPPED_TIMEOUT_MS = 1000;
/** A timer of Node.js that is set for more than 24 days fires at once: a longer wait is several timers. */
const LONGEST_TIMER_MS = 24 * 3_600_000;

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Keeps one info-hash announced.
 *
 * It is waiting for `#dueAt` (`NEVER` before `start()`, and when no tracker is left), in a round, or closed. A round
 * asks the trackers in the order of BEP 12, one at a time until one answers, and sets `#dueAt` anew.
 */
export class SwarmAnnouncer {
  readonly #infoHash: InfoHash;
  readonly #options: AnnouncerOptions;
  readonly #tiers: Tiers;
  readonly #closing = new AbortController();
  #cancelTimer: CancelTimer = () => {};
  #dueAt = NEVER;
  /** When the tracker that answered last lets itself be asked for more peers. */
  #morePeersAt = 0;
  #inRound = false;
  #isPaused = false;
  #completedUnsaid = false;

  constructor(infoHash: InfoHash, tiers: readonly (readonly string[])[], options: AnnouncerOptions) {
    this.#infoHash = infoHash;
    this.#options = options;
    this.#tiers = new Tiers(tiers, options.random);
  }

  start(): void {
    this.#announceBy(this.#now());
  }

  completed(): void {
    this.#completedUnsaid = true;
    if (this.#isWaiting) this.#announceBy(this.#now());
  }

  setPaused(paused: boolean): void {
    this.#isPaused = paused;
  }

  needPeers(): void {
    if (this.#isWaiting) this.#announceBy(Math.max(this.#now(), this.#morePeersAt));
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#cancelTimer();
    const late = new AbortController();
    const cancelLate = this.#options.clock.setTimer(STOPPED_TIMEOUT_MS, () => late.abort());
    await Promise.all(this.#tiers.listingUs().map((tracker) => this.#sayStopped(tracker, late.signal)));
    cancelLate();
  }

  get #isWaiting(): boolean {
    return !this.#inRound && this.#dueAt !== NEVER;
  }

  #now(): number {
    return this.#options.clock.now();
  }

  /** Makes the next round no later than `time`. */
  #announceBy(time: number): void {
    this.#dueAt = Math.min(this.#dueAt, time);
    this.#cancelTimer();
    if (this.#closing.signal.aborted || this.#dueAt === NEVER) return;
    const delayMs = Math.max(0, Math.min(this.#dueAt - this.#now(), LONGEST_TIMER_MS));
    this.#cancelTimer = this.#options.clock.setTimer(delayMs, () => {
      if (this.#now() < this.#dueAt) this.#announceBy(this.#dueAt);
      else inBackground(this.#round(), `announce ${this.#infoHash}`, this.#options.report);
    });
  }

  async #round(): Promise<void> {
    this.#inRound = true;
    this.#dueAt = NEVER;
    const next = await this.#askInOrder();
    this.#inRound = false;
    this.#announceBy(next);
  }

  /** @returns when to ask next */
  async #askInOrder(): Promise<number> {
    for (const tracker of this.#tiers.inOrder(this.#now())) {
      const next = await this.#ask(tracker);
      if (next !== undefined) return next;
      if (this.#closing.signal.aborted) return NEVER;
    }
    return this.#tiers.nextRetryAt;
  }

  /** @returns when to ask next; `undefined`: it did not answer */
  async #ask(tracker: Tracker): Promise<number | undefined> {
    const { signal } = this.#closing;
    const event = this.#nextEvent(tracker);
    if (event === 'completed') this.#completedUnsaid = false;
    const before = tracker.mayListUs;
    tracker.mayListUs = true;
    try {
      const answer = await this.#options.announce(tracker.url, this.#request(tracker, event), { signal });
      return this.#onAnswer(tracker, answer);
    } catch (thrown) {
      if (event === 'completed') this.#completedUnsaid = true;
      if (signal.aborted) return undefined;
      tracker.mayListUs = before;
      this.#tiers.failed(tracker, toError(thrown), this.#now());
      this.#tellFailure(tracker, thrown);
      return undefined;
    }
  }

  #nextEvent(tracker: Tracker): AnnounceEvent {
    if (!tracker.mayListUs) return 'started';
    if (this.#completedUnsaid) return 'completed';
    return this.#isPaused ? 'paused' : 'none';
  }

  #request(tracker: Tracker, event: AnnounceEvent): AnnounceRequest {
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

  /** @returns when to ask next */
  #onAnswer(tracker: Tracker, answer: AnnounceResponse): number {
    this.#tiers.answered(tracker);
    if (answer.trackerId !== undefined) tracker.trackerId = answer.trackerId;
    const interval = withinLimits(answer.interval);
    const minInterval = withinLimits(answer.minInterval ?? Math.min(DEFAULT_MIN_INTERVAL, interval));
    const now = this.#now();
    this.#morePeersAt = now + minInterval * 1000;
    if (!this.#closing.signal.aborted) {
      const options = this.#options;
      handleOrReport(
        () => options.onAnswer?.(tracker.url, answer),
        "take a tracker's answer",
        options.report,
      );
      handleOrReport(() => options.onPeers(answer.peers), "take a tracker's peers", options.report);
    }
    return this.#completedUnsaid ? now : now + Math.max(interval, minInterval) * 1000;
  }

  async #sayStopped(tracker: Tracker, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.announce(tracker.url, this.#request(tracker, 'stopped'), { signal });
    } catch (thrown) {
      this.#tellFailure(tracker, thrown);
    }
  }

  #tellFailure(tracker: Tracker, thrown: unknown): void {
    const options = this.#options;
    const error = toError(thrown);
    handleOrReport(() => options.onFailure(tracker.url, error), 'hear of a failed announce', options.report);
  }
}

function withinLimits(seconds: number): number {
  return Math.min(MAX_ANNOUNCE_INTERVAL, Math.max(MIN_ANNOUNCE_INTERVAL, seconds));
}

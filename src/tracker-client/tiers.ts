import { type Random, randomBelow } from '../util/index.ts';
import { backOff } from './back-off.ts';
import { TrackerCallError } from './tracker-call-error.ts';

/** The milliseconds of the first wait after a failure. The waits grow. */
const FIRST_RETRY_MS = 1500;
const LONGEST_RETRY_MS = 30 * 60_000;
/**
 * The longest wait, in milliseconds, while a download has no peer. It limits the back-off and a tracker's `retry in`, except
 * `never`.
 */
export const LONGEST_RETRY_WITHOUT_PEERS_MS = 60_000;

/** A tracker as one info-hash sees it. */
export interface TierTracker {
  readonly url: string;
  /** Whether `started` was sent and not refused, so that the tracker may list the peer. */
  mayListUs: boolean;
  /** The time of the announce that it has not answered yet; `undefined` when there is none. */
  askedAt: number | undefined;
  /** The number of announces in a row that failed. */
  failures: number;
  /** The time at which the first of these announces was sent. */
  failingSince: number;
  /** The error of the last announce; `undefined` when it was answered, or there was none. */
  error: Error | undefined;
  hasAnswered: boolean;
  /** The time before which it must not be asked after a failure; `Infinity` for never again. */
  retryAt: number;
  failedAt: number;
  /** The time before which it must not be asked for more peers, by its `min interval`. */
  morePeersAt: number;
  /** The id that it wants to get back with each announce. @see BEP 3 `tracker id` */
  trackerId?: string;
}

/** The reasons to ask a tracker now. */
export interface Occasion {
  /** Whether the download has no peer. */
  readonly needsPeers: boolean;
  /** Whether the download has become complete, which is announced without waiting for the `min interval`. */
  readonly hasNews: boolean;
}

/** The trackers of a torrent, in the order in which they are asked. @see BEP 12 */
export class Tiers {
  readonly #tiers: readonly TierTracker[][];
  readonly #random: Random;

  /** Makes the tiers, and shuffles each of them. */
  constructor(tiers: readonly (readonly string[])[], random: Random) {
    this.#random = random;
    this.#tiers = tiers.map((urls) => shuffled(urls, random).map(newTracker));
  }

  /** All trackers, tier by tier. */
  get all(): readonly TierTracker[] {
    return this.#tiers.flat();
  }

  /** Finds the first tracker that may be asked now; `undefined` when there is none. */
  next(now: number, occasion: Occasion): TierTracker | undefined {
    return this.all.find((tracker) => mayAskAt(tracker, occasion) <= now);
  }

  /** Tells the time at which the next tracker may be asked; `Infinity` when none is left, or all are being asked. */
  nextAt(occasion: Occasion): number {
    return Math.min(...this.all.map((tracker) => mayAskAt(tracker, occasion)));
  }

  /** The time of the latest announce that is not answered yet; `-Infinity` when there is none. */
  get lastAskedAt(): number {
    return Math.max(...this.all.map(({ askedAt }) => askedAt ?? Number.NEGATIVE_INFINITY));
  }

  /** Notes a response. @param mayAskAgainAt the time from which the tracker may be asked for more peers */
  answered(tracker: TierTracker, mayAskAgainAt: number): void {
    tracker.askedAt = undefined;
    tracker.failures = 0;
    tracker.error = undefined;
    tracker.hasAnswered = true;
    tracker.retryAt = 0;
    tracker.morePeersAt = mayAskAgainAt;
  }

  /** Makes a tracker the first of its tier. */
  moveToFront(tracker: TierTracker): void {
    for (const tier of this.#tiers) {
      const at = tier.indexOf(tracker);
      if (at > 0) tier.unshift(...tier.splice(at, 1));
    }
  }

  /** Notes a failure and sets when the tracker may be asked again: when it says, after a growing wait, or never. @see BEP 31 */
  failed(tracker: TierTracker, error: Error, now: number): void {
    if (tracker.failures === 0) tracker.failingSince = tracker.askedAt ?? now;
    tracker.askedAt = undefined;
    tracker.failures += 1;
    tracker.failedAt = now;
    tracker.error = error;
    const { code, retryIn } = error instanceof TrackerCallError ? error : {};
    if (code === 'UNSUPPORTED' || retryIn === 'never') tracker.retryAt = Number.POSITIVE_INFINITY;
    else if (retryIn !== undefined) tracker.retryAt = now + retryIn * 60_000;
    else tracker.retryAt = now + backOff(tracker.failures, FIRST_RETRY_MS, LONGEST_RETRY_MS, this.#random);
  }
}

/** Tells the time at which the tracker may be asked; `Infinity` for never, or while an announce is not answered. */
function mayAskAt(tracker: TierTracker, { needsPeers, hasNews }: Occasion): number {
  const { askedAt, retryAt, failedAt, morePeersAt } = tracker;
  if (askedAt !== undefined || retryAt === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const longest = needsPeers ? failedAt + LONGEST_RETRY_WITHOUT_PEERS_MS : Number.POSITIVE_INFINITY;
  return Math.max(Math.min(retryAt, longest), hasNews ? 0 : morePeersAt);
}

function newTracker(url: string): TierTracker {
  return {
    url,
    mayListUs: false,
    askedAt: undefined,
    failures: 0,
    failingSince: 0,
    error: undefined,
    hasAnswered: false,
    retryAt: 0,
    failedAt: 0,
    morePeersAt: 0,
  };
}

/** Shuffles a list by the method of Fisher and Yates. */
function shuffled(urls: readonly string[], random: Random): string[] {
  const list = [...urls];
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = randomBelow(random, last + 1);
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
  return list;
}

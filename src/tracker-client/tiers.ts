import { type Random, randomBelow } from '../util/index.ts';
import { backOff } from './back-off.ts';
import { TrackerCallError } from './tracker-call-error.ts';

/** The first of the growing waits after a failure. */
const FIRST_RETRY_MS = 1500;
const LONGEST_RETRY_MS = 30 * 60_000;
/**
 * The longest wait, in milliseconds, while a download has no peer: neither the back-off nor a tracker's `retry in` keeps
 * it from asking any longer than this, unless the tracker said `never`.
 */
export const LONGEST_RETRY_WITHOUT_PEERS_MS = 60_000;

/** The state of one tracker as one info-hash sees it. */
export interface TierTracker {
  readonly url: string;
  /** `true` once `started` was sent: it was answered, or the answer is still to come. */
  mayListUs: boolean;
  /** The time at which the question was sent that it has not answered yet; `undefined` while there is none. */
  askedAt: number | undefined;
  /** The number of announces in a row that failed. */
  failures: number;
  /** The time at which the first announce of that row was sent. */
  failingSince: number;
  /** Why the last announce failed; `undefined` when the last one was answered, or there was none. */
  error: Error | undefined;
  hasAnswered: boolean;
  /** Not to be asked before; `Infinity`: never again. It says how long to wait after a failure. */
  retryAt: number;
  failedAt: number;
  /** Not to be asked for more peers before: its `min interval`. */
  morePeersAt: number;
  /** To be sent back to it. @see BEP 3 `tracker id` */
  trackerId?: string;
}

/** Why a tracker is to be asked now. */
export interface Occasion {
  /** The download has no peer. */
  readonly needsPeers: boolean;
  /** There is something to tell, which does not wait for the `min interval`: that the download is complete. */
  readonly hasNews: boolean;
}

/** The trackers of a torrent in the order in which they are to be asked. @see BEP 12 */
export class Tiers {
  readonly #tiers: readonly TierTracker[][];
  readonly #random: Random;

  /** Each tier is shuffled. */
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

  /** Tells when the next tracker may be asked; `Infinity` when none is left, or all are being asked. */
  nextAt(occasion: Occasion): number {
    return Math.min(...this.all.map((tracker) => mayAskAt(tracker, occasion)));
  }

  /** Tells when the tracker was asked that was asked last and has not answered; `-Infinity` when there is none. */
  get lastAskedAt(): number {
    return Math.max(...this.all.map(({ askedAt }) => askedAt ?? Number.NEGATIVE_INFINITY));
  }

  /** Notes an answer. @param mayAskAgainAt when the tracker lets itself be asked for more peers */
  answered(tracker: TierTracker, mayAskAgainAt: number): void {
    tracker.askedAt = undefined;
    tracker.failures = 0;
    tracker.error = undefined;
    tracker.hasAnswered = true;
    tracker.retryAt = 0;
    tracker.morePeersAt = mayAskAgainAt;
  }

  /** Makes it the first of its tier. */
  moveToFront(tracker: TierTracker): void {
    for (const tier of this.#tiers) {
      const at = tier.indexOf(tracker);
      if (at > 0) tier.unshift(...tier.splice(at, 1));
    }
  }

  /** Sets when it may be asked again: when it says so, after a while that grows, or never. @see BEP 31 */
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

/** Tells when the tracker may be asked; `Infinity` for never, or while an answer is still to come. */
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

/** Fisher and Yates' shuffle. */
function shuffled(urls: readonly string[], random: Random): string[] {
  const list = [...urls];
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = randomBelow(random, last + 1);
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
  return list;
}

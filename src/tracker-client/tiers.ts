import { type Random, randomBelow } from '../util/index.ts';
import { backOff } from './back-off.ts';
import { TrackerError } from './tracker-error.ts';

const FIRST_RETRY_MS = 5000;
const LONGEST_RETRY_MS = 30 * 60_000;

/** A tracker as one info-hash sees it. */
export interface Tracker {
  readonly url: string;
  /** Whether `started` was sent: it was answered, or the answer is still to come. */
  mayListUs: boolean;
  /** In a row. */
  failures: number;
  /** Not to be asked before; `Infinity`: never again. */
  retryAt: number;
  /** To be sent back to it. @see BEP 3 `tracker id` */
  trackerId?: string;
}

/** The trackers of a torrent in the order in which they are to be asked. @see BEP 12 */
export class Tiers {
  readonly #tiers: readonly Tracker[][];
  readonly #random: Random;

  /** Each tier is shuffled. */
  constructor(tiers: readonly (readonly string[])[], random: Random) {
    this.#random = random;
    this.#tiers = tiers.map((urls) => shuffled(urls, random).map(newTracker));
  }

  /** Those that may be asked now, tier by tier. The order is that of the call, whatever moves meanwhile. */
  inOrder(now: number): Tracker[] {
    return this.#tiers.flat().filter((tracker) => tracker.retryAt <= now);
  }

  /** Those that list the peer, or soon may. */
  listingUs(): Tracker[] {
    return this.#tiers.flat().filter((tracker) => tracker.mayListUs);
  }

  /** When the next of them may be asked; `Infinity` when none is left. */
  get nextRetryAt(): number {
    return Math.min(...this.#tiers.flat().map((tracker) => tracker.retryAt));
  }

  /** Moves it to the front of its tier. */
  answered(tracker: Tracker): void {
    tracker.failures = 0;
    for (const tier of this.#tiers) {
      const at = tier.indexOf(tracker);
      if (at > 0) tier.unshift(...tier.splice(at, 1));
    }
  }

  /** Sets when it may be asked again: when it says so, after a while that grows, or never. @see BEP 31 */
  failed(tracker: Tracker, error: Error, now: number): void {
    tracker.failures += 1;
    const { code, retryIn } = error instanceof TrackerError ? error : {};
    if (code === 'UNSUPPORTED' || retryIn === 'never') tracker.retryAt = Number.POSITIVE_INFINITY;
    else if (retryIn !== undefined) tracker.retryAt = now + retryIn * 60_000;
    else tracker.retryAt = now + backOff(tracker.failures, FIRST_RETRY_MS, LONGEST_RETRY_MS, this.#random);
  }
}

function newTracker(url: string): Tracker {
  return { url, mayListUs: false, failures: 0, retryAt: 0 };
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

import type { Clock } from '../util/index.ts';

/**
 * The most messages that are remembered. One more takes the place of the oldest, which then counts as new when it comes
 * again.
 */
export const MAX_SAMPLED_MESSAGES = 1_000;
/** The milliseconds after which a message that has not come again counts as new. */
const FORGOTTEN_AFTER = 60_000;

interface Repeated {
  count: number;
  leftOut: number;
  lastAt: number;
}

/**
 * A filter for records with the same message: the first is written, and after it every
 * {@link RecordSampler.oneIn}-th.
 */
export class RecordSampler {
  /** The number of records with the same message for each one that is written. 1 writes all. */
  oneIn = 1;
  readonly #clock: Clock;
  readonly #messages = new Map<string, Repeated>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Decides whether a record is written.
   *
   * @returns the number of similar records that were left out since the last written one; `undefined` when this one is left
   * out
   */
  admit(message: string): number | undefined {
    if (this.oneIn === 1) return 0;
    const now = this.#clock.now();
    const known = this.#messages.get(message);
    if (known === undefined || now - known.lastAt > FORGOTTEN_AFTER) return this.#start(message, now);
    known.lastAt = now;
    known.count += 1;
    known.leftOut += 1;
    if (known.count % this.oneIn !== 0) return undefined;
    const leftOut = known.leftOut - 1;
    known.leftOut = 0;
    return leftOut;
  }

  #start(message: string, now: number): number {
    const leftOut = this.#messages.get(message)?.leftOut ?? 0;
    // The message is put at the end, so that the oldest is the first.
    this.#messages.delete(message);
    this.#messages.set(message, { count: 0, leftOut: 0, lastAt: now });
    if (this.#messages.size > MAX_SAMPLED_MESSAGES) {
      const [oldest] = this.#messages.keys();
      this.#messages.delete(oldest!);
    }
    return leftOut;
  }
}

import type { Clock } from '../util/index.ts';

/**
 * The number of messages that are told apart at once. For one more the oldest is forgotten, and counts as new when it
 * comes again.
 */
export const MAX_SAMPLED_MESSAGES = 1_000;
/** The milliseconds after which a message that did not come again counts as new. */
const FORGOTTEN_AFTER = 60_000;

interface Repeated {
  count: number;
  leftOut: number;
  lastAt: number;
}

/**
 * A filter for records that say the same again and again: the first is written, and from then on one in {@link
 * RecordSampler.oneIn}.
 */
export class RecordSampler {
  /** The number of records with the same message of which one is written. */
  oneIn = 1;
  readonly #clock: Clock;
  readonly #messages = new Map<string, Repeated>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Decides whether a record is written.
   *
   * @returns how many records like this one were left out since the last that was written; `undefined`: this one is left
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
    // It goes to the end, so that the oldest is the first.
    this.#messages.delete(message);
    this.#messages.set(message, { count: 0, leftOut: 0, lastAt: now });
    if (this.#messages.size > MAX_SAMPLED_MESSAGES) {
      const [oldest] = this.#messages.keys();
      this.#messages.delete(oldest!);
    }
    return leftOut;
  }
}

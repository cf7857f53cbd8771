import type { Clock } from '../util/index.ts';

/** Messages that are told apart at once; of one more, the oldest is taken for new when it comes again. */
export const MAX_SAMPLED_MESSAGES = 1_000;
/** Milliseconds without a message after which it is new again. */
const FORGOTTEN_AFTER = 60_000;

interface Repeated {
  count: number;
  leftOut: number;
  lastAt: number;
}

/** Leaves out records that say the same again and again: the first is written, and from then on one of so many. */
export class RecordSampler {
  /** Of so many records with the same message one is written. */
  oneIn = 1;
  readonly #clock: Clock;
  readonly #messages = new Map<string, Repeated>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
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
    // To the end, for the oldest to be the first.
    this.#messages.delete(message);
    this.#messages.set(message, { count: 0, leftOut: 0, lastAt: now });
    if (this.#messages.size > MAX_SAMPLED_MESSAGES) {
      const [oldest] = this.#messages.keys();
      this.#messages.delete(oldest!);
    }
    return leftOut;
  }
}

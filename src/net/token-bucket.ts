/** Seconds of payload that may be caught up on after nothing was moved, as when a timer came late. */
const BURST_SECONDS = 0.2;

/**
 * Allows so many bytes a second. A taker that finds it not empty may take more than there is: the debt is paid before
 * anybody takes again, so that no amount is too large for it and the mean is exact.
 *
 * All times are milliseconds on one monotonic clock.
 */
export class TokenBucket {
  readonly bytesPerSecond: number;
  #bytes = 0;
  #filledAt: number;

  /** @param bytesPerSecond positive and finite */
  constructor(bytesPerSecond: number, now: number) {
    this.bytesPerSecond = bytesPerSecond;
    this.#filledAt = now;
  }

  /** Milliseconds until something may be taken; 0 when it may be now. */
  waitMs(now: number): number {
    this.#fill(now);
    return this.#bytes > 0 ? 0 : ((1 - this.#bytes) / this.bytesPerSecond) * 1000;
  }

  take(bytes: number, now: number): void {
    this.#fill(now);
    this.#bytes -= bytes;
  }

  /** Gives back tokens that were taken for bytes that are not moved after all. */
  giveBack(bytes: number): void {
    this.#bytes += bytes;
  }

  #fill(now: number): void {
    const earned = ((now - this.#filledAt) / 1000) * this.bytesPerSecond;
    this.#bytes = Math.min(this.#bytes + earned, this.bytesPerSecond * BURST_SECONDS);
    this.#filledAt = now;
  }
}

/** The seconds of payload that may be moved at once after a time without, for example when a timer came late. */
const BURST_SECONDS = 0.2;

/**
 * A limit of bytes a second. While the bucket is not empty, one may take more than it holds. The debt is paid before
 * anybody takes again, so that no amount is too large and the mean rate is exact.
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

  /** Tells the milliseconds until bytes may be taken; 0 when they may be taken now. */
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

/** The weight of the newest second in the running mean. */
const NEWEST_WEIGHT = 0.4;

/** The milliseconds that a burst of bytes is taken to last at least. */
const LEAST_SPAN_MS = 250;

/** Counts bytes as they pass, and computes their rate once a second. It computes nothing for a single block. */
export class RateMeter {
  /** The bytes since the beginning. The owner adds to it. */
  total = 0;
  #bytesPerSecond = 0;
  #totalAtSample = 0;
  #sampledAt: number | undefined;

  /** The bytes per second, smoothed over a few seconds. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /**
   * Returns the bytes per second since the last sample, before the second is over.
   *
   * @param total the bytes since the beginning
   * @param now milliseconds, like all times here
   */
  latest(total: number, now: number): number {
    if (this.#sampledAt === undefined) return 0;
    return ((total - this.#totalAtSample) * 1000) / Math.max(now - this.#sampledAt, LEAST_SPAN_MS);
  }

  /** Computes the rate anew. Called about once a second. */
  sample(now: number): void {
    if (this.#sampledAt !== undefined && now > this.#sampledAt) {
      const latest = ((this.total - this.#totalAtSample) * 1000) / (now - this.#sampledAt);
      const isFirst = this.#bytesPerSecond === 0;
      this.#bytesPerSecond += (latest - this.#bytesPerSecond) * (isFirst ? 1 : NEWEST_WEIGHT);
      if (this.#bytesPerSecond < 1) this.#bytesPerSecond = 0;
    }
    this.#totalAtSample = this.total;
    this.#sampledAt = now;
  }
}

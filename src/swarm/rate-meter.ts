/** Weight of the newest second in the running mean. */
const NEWEST_WEIGHT = 0.4;

/** Milliseconds over which bytes that came in one burst are spread, as if they had taken so long. */
const LEAST_SPAN_MS = 250;

/** Bytes counted as they pass, and a rate taken from the count once a second: nothing is computed per block. */
export class RateMeter {
  /** Bytes since the beginning. Whoever moves bytes adds to it. */
  total = 0;
  #bytesPerSecond = 0;
  #totalAtSample = 0;
  #sampledAt: number | undefined;

  /** Bytes per second, smoothed over a few seconds. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /**
   * Bytes per second since the last sample: what a second that is not over yet has shown so far.
   *
   * @param total as it is now
   */
  latest(total: number, now: number): number {
    if (this.#sampledAt === undefined) return 0;
    return ((total - this.#totalAtSample) * 1000) / Math.max(now - this.#sampledAt, LEAST_SPAN_MS);
  }

  /** Takes a sample; called about once a second. @param now milliseconds */
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

import { BLOCK_BYTES } from '../metainfo/index.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Bytes moved in one turn at least: a block. */
const MIN_TURN_BYTES = BLOCK_BYTES;
/** Seconds of payload that are moved in one turn of a fast share, so that turns are not counted in ten thousands. */
const TURN_SECONDS = 0.01;

export interface RateShareOptions<M> {
  readonly move: (mover: M, bytes: number) => number;
  /** All of them must allow it; at least one. */
  readonly buckets: readonly TokenBucket[];
  /** Somebody waits. */
  readonly onWaiting: () => void;
}

/** The share of one torrent in a `RateLimiter`, in one direction; `M` is a peer, or another mover that takes turns. */
export class RateShare<M> {
  /** The lowest of the limits it is under. */
  readonly bytesPerSecond: number;
  readonly #options: RateShareOptions<M>;
  /** In the order of their turns. */
  readonly #waiting = new Set<M>();

  constructor(options: RateShareOptions<M>) {
    this.#options = options;
    this.bytesPerSecond = Math.min(...options.buckets.map((bucket) => bucket.bytesPerSecond));
  }

  /** It has something to move: it is called back on its turn, at once or later, until it has no more. */
  wake(mover: M): void {
    this.#waiting.add(mover);
    this.#options.onWaiting();
  }

  /** Takes back bytes that were counted as moved: they were asked for and will not come. */
  giveBack(bytes: number): void {
    for (const bucket of this.#options.buckets) bucket.giveBack(bytes);
  }

  /** Whether anybody waits for its turn. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Milliseconds until something may be moved; 0 when it may be now. */
  waitMs(now: number): number {
    return Math.max(...this.#options.buckets.map((bucket) => bucket.waitMs(now)));
  }

  /** The turn of the first that has something to move. */
  serveNext(now: number): void {
    const bytes = Math.max(MIN_TURN_BYTES, this.bytesPerSecond * TURN_SECONDS);
    for (const mover of this.#waiting) {
      this.#waiting.delete(mover);
      const moved = this.#options.move(mover, bytes);
      if (moved === 0) continue;
      for (const bucket of this.#options.buckets) bucket.take(moved, now);
      this.#waiting.add(mover);
      return;
    }
  }
}

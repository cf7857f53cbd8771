import { BLOCK_BYTES } from '../metainfo/index.ts';
import type { TokenBucket } from './token-bucket.ts';

/** The fewest bytes of one turn: a block. */
const MIN_TURN_BYTES = BLOCK_BYTES;
/** The seconds of payload in one turn of a fast share, so that it does not need thousands of turns a second. */
const TURN_SECONDS = 0.01;

/** The options of a {@link RateShare}. */
/** The options of a {@link RateShare}. */
export interface RateShareOptions<M> {
  readonly move: (mover: M, bytes: number) => number;
  /** The limits that hold for the share, at least one. A turn needs all of them. */
  readonly buckets: readonly TokenBucket[];
  /** Called when a mover begins to wait. */
  readonly onWaiting: () => void;
}

/** The share of one torrent in a `RateLimiter`, in one direction; `M` is a peer, or another mover that takes turns. */
export class RateShare<M> {
  /** The lowest of the limits that hold for the share. */
  readonly bytesPerSecond: number;
  readonly #options: RateShareOptions<M>;
  /** The movers that wait, in the order of their turns. */
  readonly #waiting = new Set<M>();

  constructor(options: RateShareOptions<M>) {
    this.#options = options;
    this.bytesPerSecond = Math.min(...options.buckets.map((bucket) => bucket.bytesPerSecond));
  }

  /** Notes that a mover has bytes to move. It gets turns, the first maybe at once, until it has no more. */
  wake(mover: M): void {
    this.#waiting.add(mover);
    this.#options.onWaiting();
  }

  /** Gives back bytes that were counted as moved but will not come, as after a rejected request. */
  giveBack(bytes: number): void {
    for (const bucket of this.#options.buckets) bucket.giveBack(bytes);
  }

  /** Whether a mover waits for its turn. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Tells the milliseconds until bytes may be moved; 0 when they may be moved now. */
  waitMs(now: number): number {
    return Math.max(...this.#options.buckets.map((bucket) => bucket.waitMs(now)));
  }

  /** Gives a turn to the first mover that has bytes to move. */
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

import type { CancelTimer, Clock } from '../util/index.ts';
import { RateShare } from './rate-share.ts';
import { TokenBucket } from './token-bucket.ts';

/** A share with movers of any kind. */
type Waiting = Pick<RateShare<unknown>, 'isWaiting' | 'waitMs' | 'serveNext'>;

/**
 * A limit for the payload of all torrents in one direction. Each torrent may have a limit of its own below it. Torrents
 * that wait are served by turns, and within a torrent its peers.
 *
 * @example
 * ```ts
 * const limiter = new RateLimiter(clock, 10 * 1024 * 1024);
 * const share = limiter.share((peer: Peer, bytes) => peer.sendUpTo(bytes));
 * share?.wake(peer);
 * ```
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket | undefined;
  /** The shares in which a mover waits, in the order of their turns. */
  readonly #waiting = new Set<Waiting>();
  #cancelTimer: CancelTimer | undefined;
  #isServing = false;

  /** @param bytesPerSecond the limit of all shares together; `undefined` when only single shares are limited */
  constructor(clock: Clock, bytesPerSecond?: number) {
    this.#clock = clock;
    this.#bucket = bytesPerSecond === undefined ? undefined : new TokenBucket(bytesPerSecond, clock.now());
  }

  /**
   * Makes the share of one torrent.
   *
   * @param move called for a mover on its turn. It moves about the given number of bytes, at least one block, and returns
   * how many. It returns 0 when it cannot move any, and then waits no longer
   * @param bytesPerSecond the limit of this torrent; by default only that of all together
   * @returns `undefined` when there is no limit at all, so that bytes may be moved without asking
   */
  share<M>(move: (mover: M, bytes: number) => number, bytesPerSecond?: number): RateShare<M> | undefined {
    if (bytesPerSecond === undefined && this.#bucket === undefined) return undefined;
    const bucket =
      bytesPerSecond === undefined ? undefined : new TokenBucket(bytesPerSecond, this.#clock.now());
    const share: RateShare<M> = new RateShare<M>({
      move,
      buckets: [this.#bucket, bucket].filter((limit) => limit !== undefined),
      onWaiting: () => {
        this.#waiting.add(share);
        this.#serve();
      },
    });
    return share;
  }

  /** Serves waiting shares as far as the limits allow now, and again when they allow more. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        this.#waiting.delete(next);
        next.serveNext(this.#clock.now());
        if (next.isWaiting) this.#waiting.add(next);
      }
    } finally {
      this.#isServing = false;
      this.#serveLater();
    }
  }

  /** Finds the first share that may move something now. */
  #next(): Waiting | undefined {
    const now = this.#clock.now();
    if ((this.#bucket?.waitMs(now) ?? 0) > 0) return undefined;
    for (const share of this.#waiting) if (share.waitMs(now) === 0) return share;
    return undefined;
  }

  #serveLater(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#waiting.size === 0) return;
    const now = this.#clock.now();
    const wait = Math.min(...[...this.#waiting].map((share) => share.waitMs(now)));
    this.#cancelTimer = this.#clock.setTimer(wait, () => this.#serve());
  }
}

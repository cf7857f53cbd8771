import type { CancelTimer, Clock } from '../util/index.ts';
import { RateShare } from './rate-share.ts';
import { TokenBucket } from './token-bucket.ts';

/** A share with movers of any kind. */
type Waiting = Pick<RateShare<unknown>, 'isWaiting' | 'waitMs' | 'serveNext'>;

/**
 * A limit on the payload that goes in one direction, over all torrents, under which each torrent may have a limit of
 * its own. Those that wait are served by turns: the torrents, and in each torrent its peers.
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
  /** Those with somebody that waits, in the order of their turns. */
  readonly #waiting = new Set<Waiting>();
  #cancelTimer: CancelTimer | undefined;
  #isServing = false;

  /** @param bytesPerSecond over all shares; absent: only shares are limited */
  constructor(clock: Clock, bytesPerSecond?: number) {
    this.#clock = clock;
    this.#bucket = bytesPerSecond === undefined ? undefined : new TokenBucket(bytesPerSecond, clock.now());
  }

  /**
   * The part of a torrent.
   *
   * @param move called for a mover on its turn: moves about as many bytes as it is told, not less than one block, and
   * returns how many; 0 when it cannot move any, which ends its waiting
   * @param bytesPerSecond of this torrent; absent: as much as all together
   * @returns nothing when nothing limits it: the bytes need not be asked for
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

  /** Lets them move what may be moved now, and comes back when more may be. */
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

  /** The first that may move something now. */
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

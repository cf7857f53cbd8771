import type { Bitfield, CancelTimer, Clock } from '../util/index.ts';

/** The least milliseconds between two times at which peers are told of new pieces. A piece is told later by no more than that. */
export const NEWS_INTERVAL_MS = 20;

/** A peer that is told of new pieces. */
export interface NewsTaker {
  /** The pieces that the peer has, of which it is not told. */
  readonly pieces: Pick<Bitfield, 'has'>;
  readonly session: { have(index: number): void };
  readonly output: { together(work: () => void): void };
}

export interface PieceNewsOptions {
  readonly clock: Clock;
  readonly peers: () => Iterable<NewsTaker>;
}

/**
 * Tells peers which pieces we have now. A piece that comes alone is told at once. Of many, those of a short time are told
 * together: a message by itself costs a call of the system at both ends, and of those a swarm of twenty peers would have four
 * hundred for each piece.
 *
 * @see BEP 3, "have"
 */
export class PieceNews {
  readonly #options: PieceNewsOptions;
  #waiting: number[] = [];
  /** The time before which nobody is told again. */
  #quietUntil = 0;
  #cancelTimer: CancelTimer | undefined;

  constructor(options: PieceNewsOptions) {
    this.#options = options;
  }

  /** Tells of a piece now or soon. */
  add(index: number): void {
    const { clock } = this.#options;
    this.#waiting.push(index);
    const delay = this.#quietUntil - clock.now();
    if (delay <= 0) this.flush();
    else this.#cancelTimer ??= clock.setTimer(delay, () => this.flush());
  }

  /** Tells of all pieces that wait. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const pieces = this.#waiting;
    if (pieces.length === 0) return;
    this.#waiting = [];
    this.#quietUntil = this.#options.clock.now() + NEWS_INTERVAL_MS;
    for (const peer of this.#options.peers()) {
      peer.output.together(() => {
        for (const index of pieces) if (!peer.pieces.has(index)) peer.session.have(index);
      });
    }
  }

  /** Tells nobody any more. */
  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#waiting = [];
  }
}

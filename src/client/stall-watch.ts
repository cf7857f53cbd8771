/** The most times of the limit for which bytes may come without a single whole, right piece. */
export const UNVERIFIED_STALLS = 6;
/** The most milliseconds that count between two looks. A process that was stopped, or a machine that slept, has missed the rest. */
const LONGEST_STEP_MS = 5000;

/** The figures of a download by which it is seen to stand still. */
export interface StallFigures {
  /** The bytes of blocks that have come, with useless ones. */
  readonly downloaded: number;
  /** The bytes of files that are not there and right. */
  readonly left: number;
}

/**
 * Watches whether a download stands still: no byte has come for the limit, or bytes have come, but no whole, right piece for
 * {@link UNVERIFIED_STALLS} times as long. So a peer that sends a useless byte now and then cannot hold it up for ever.
 */
export class StallWatch {
  readonly #limitMs: number;
  #figures: StallFigures;
  #lookedAt: number;
  #idleMs = 0;
  #unverifiedMs = 0;

  /** @param limitMs the limit in milliseconds; 0 for none */
  constructor(limitMs: number, figures: StallFigures, now: number) {
    this.#limitMs = limitMs;
    this.#figures = figures;
    this.#lookedAt = now;
  }

  /** Whether no byte has come for the limit, useless or not. */
  get isIdle(): boolean {
    return this.#idleMs >= this.#limitMs;
  }

  /** Looks at the figures, about once a second. @returns whether the download has stood still for too long */
  isStalled(figures: StallFigures, now: number): boolean {
    const passed = Math.min(now - this.#lookedAt, LONGEST_STEP_MS);
    const { downloaded, left } = this.#figures;
    this.#lookedAt = now;
    this.#figures = figures;
    this.#unverifiedMs = figures.left < left ? 0 : this.#unverifiedMs + passed;
    this.#idleMs = this.#unverifiedMs === 0 || figures.downloaded > downloaded ? 0 : this.#idleMs + passed;
    const limitMs = this.#limitMs;
    return limitMs > 0 && (this.#idleMs >= limitMs || this.#unverifiedMs >= UNVERIFIED_STALLS * limitMs);
  }

  /** Counts anew from now on: the time so far was no standstill. */
  restart(figures: StallFigures, now: number): void {
    this.#figures = figures;
    this.#lookedAt = now;
    this.#idleMs = 0;
    this.#unverifiedMs = 0;
  }
}

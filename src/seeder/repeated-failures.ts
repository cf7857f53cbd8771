import type { Clock, ReportError } from '../util/index.ts';

/** Milliseconds after which the same failure is told again. */
const SAME_AGAIN_MS = 3_600_000;
/** Failures that are told apart; when there are more, the oldest is new again. */
const MAX_TOLD = 1000;

/** Reports failures that come again and again: each once an hour, until it is over. */
export class RepeatedFailures {
  readonly #clock: Clock;
  readonly #report: ReportError;
  readonly #toldAt = new Map<string, number>();

  constructor({ clock, report }: { readonly clock: Clock; readonly report: ReportError }) {
    this.#clock = clock;
    this.#report = report;
  }

  /** Reports a failure unless one of the same message was reported within the hour. */
  tell(error: Error, context: string): void {
    const now = this.#clock.now();
    const toldAt = this.#toldAt.get(error.message);
    if (toldAt !== undefined && now < toldAt + SAME_AGAIN_MS) return;
    this.#toldAt.delete(error.message);
    this.#toldAt.set(error.message, now);
    for (const oldest of this.#toldAt.keys()) {
      if (this.#toldAt.size <= MAX_TOLD) break;
      this.#toldAt.delete(oldest);
    }
    this.#report(error, context);
  }

  /** Forgets what was told, as what failed has worked: the next failure is told, of whatever kind. */
  clear(): void {
    this.#toldAt.clear();
  }
}

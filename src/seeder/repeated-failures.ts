import type { Clock, ReportError } from '../util/index.ts';

/** The milliseconds after which the same failure is reported again. */
const SAME_AGAIN_MS = 3_600_000;
/** The most failures that are remembered. One more takes the place of the oldest, which then counts as new. */
const MAX_TOLD = 1000;

/** A limit for failures that repeat: each is reported once an hour, until it is over. */
export class RepeatedFailures {
  readonly #clock: Clock;
  readonly #report: ReportError;
  readonly #toldAt = new Map<string, number>();

  constructor({ clock, report }: { readonly clock: Clock; readonly report: ReportError }) {
    this.#clock = clock;
    this.#report = report;
  }

  /** Reports a failure if none with the same message was reported within the last hour. */
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

  /** Forgets all failures after the work has succeeded, so that the next failure is reported. */
  clear(): void {
    this.#toldAt.clear();
  }
}

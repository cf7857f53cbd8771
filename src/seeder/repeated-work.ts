import { type CancelTimer, type Clock, inBackground, type ReportError } from '../util/index.ts';

export interface RepeatedWorkOptions {
  readonly clock: Clock;
  /** Milliseconds between the end of one run and the start of the next. */
  readonly pauseMs: number;
  readonly work: () => Promise<void>;
  /** A phrase that says what is being done, for the report of a failure. */
  readonly context: string;
  readonly report: ReportError;
}

/** Does some work again and again, never twice at a time: a disk that hangs holds up the work and nothing else. */
export class RepeatedWork {
  readonly #options: RepeatedWorkOptions;
  #cancelTimer: CancelTimer = () => {};
  #isClosed = false;

  /** The first run begins after a pause. */
  constructor(options: RepeatedWorkOptions) {
    this.#options = options;
    this.#runLater();
  }

  /** Starts no further run, and waits for none: a disk may hang. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  #runLater(): void {
    const { clock, pauseMs, work, context, report } = this.#options;
    if (this.#isClosed) return;
    this.#cancelTimer = clock.setTimer(pauseMs, () => {
      inBackground(
        work().finally(() => this.#runLater()),
        context,
        report,
      );
    });
  }
}

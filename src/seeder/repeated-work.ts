import { type CancelTimer, type Clock, inBackground, type ReportError } from '../util/index.ts';

/** The options of a {@link RepeatedWork}. */
export interface RepeatedWorkOptions {
  readonly clock: Clock;
  /** The milliseconds between the end of one run and the start of the next. */
  readonly pauseMs: number;
  readonly work: () => Promise<void>;
  /** The work as a phrase, for the report of a failure. */
  readonly context: string;
  readonly report: ReportError;
}

/** Work that is done again and again, never twice at a time, so that a disk that hangs holds up only this work. */
export class RepeatedWork {
  readonly #options: RepeatedWorkOptions;
  #cancelTimer: CancelTimer = () => {};
  #isClosed = false;

  /** Starts the first run after a pause. */
  constructor(options: RepeatedWorkOptions) {
    this.#options = options;
    this.#runLater();
  }

  /** Starts no further run. It does not wait for the current one, because a disk may hang. */
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

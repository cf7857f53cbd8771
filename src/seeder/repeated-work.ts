import { type CancelTimer, type Clock, inBackground, type ReportError } from '../util/index.ts';

/** The pause after a run, in times that the run took, so that the work takes a tenth of the time at most. */
const PAUSE_SHARE = 9;
/** The same for work that is hurried. */
const HURRIED_PAUSE_SHARE = 2;
/** The most milliseconds of that pause: a disk that hung for an hour must not hold up the work for another nine. */
export const LONGEST_REST_MS = 60_000;

/** The options of a {@link RepeatedWork}. */
export interface RepeatedWorkOptions {
  readonly clock: Clock;
  /** The least milliseconds between the end of one run and the start of the next. After a long run there are more, see {@link LONGEST_REST_MS}. */
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
  #isRunning = false;
  /** The time for which a run is asked for; `undefined` when none is. */
  #hurriedAt: number | undefined;
  /** The time at which the last run ended, or at first that of the start. */
  #endedAt: number;
  #lastedMs = 0;

  /** Starts the first run after a pause. */
  constructor(options: RepeatedWorkOptions) {
    this.#options = options;
    this.#endedAt = options.clock.now();
    this.#runLater();
  }

  /** Starts no further run. It does not wait for the current one, because a disk may hang. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  /** Runs the work soon, because of an event; after a long run there is a pause. @param delayMs the least wait from now */
  hurry(delayMs: number): void {
    const at = this.#options.clock.now() + delayMs;
    if (this.#hurriedAt !== undefined && this.#hurriedAt <= at) return;
    this.#hurriedAt = at;
    if (!this.#isRunning) this.#runLater();
  }

  #runLater(): void {
    const { clock, pauseMs } = this.#options;
    if (this.#isClosed) return;
    const share = this.#hurriedAt === undefined ? PAUSE_SHARE : HURRIED_PAUSE_SHARE;
    const earliest = this.#endedAt + Math.min(LONGEST_REST_MS, share * this.#lastedMs);
    const dueAt = Math.max(earliest, this.#hurriedAt ?? this.#endedAt + pauseMs);
    this.#cancelTimer();
    this.#cancelTimer = clock.setTimer(Math.max(0, dueAt - clock.now()), () => this.#run());
  }

  #run(): void {
    const { clock, work, context, report } = this.#options;
    const startedAt = clock.now();
    this.#isRunning = true;
    this.#hurriedAt = undefined;
    const running = work().finally(() => {
      this.#isRunning = false;
      this.#endedAt = clock.now();
      this.#lastedMs = this.#endedAt - startedAt;
      this.#runLater();
    });
    inBackground(running, context, report);
  }
}

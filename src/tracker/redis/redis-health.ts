import type { Clock, ReportError } from '../../util/index.ts';
import { StoreUnavailableError } from '../errors/index.ts';

/** Milliseconds without a failure after which a server that answers counts as back. */
const RECOVERY_TIME = 1000;

/** Whether a server answers, told once for each change and not for each call. */
export class RedisHealth {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #report: ReportError;
  readonly #notice: (message: string) => void;
  #isAway = false;
  #failedAt = 0;

  /** @param name of the server, for the messages */
  constructor(name: string, clock: Clock, report: ReportError, notice: (message: string) => void) {
    this.#name = name;
    this.#clock = clock;
    this.#report = report;
    this.#notice = notice;
  }

  /** Whether calls fail, or did a moment ago. */
  get isAway(): boolean {
    return this.#isAway;
  }

  succeeded(): void {
    if (!this.#isAway || this.#clock.now() - this.#failedAt < RECOVERY_TIME) return;
    this.#isAway = false;
    this.#notice(`${this.#name} answers again`);
  }

  failed(cause: Error): void {
    this.#failedAt = this.#clock.now();
    if (this.#isAway) return;
    this.#isAway = true;
    this.#report(
      new StoreUnavailableError('STORE_AWAY', `${this.#name} does not answer: ${cause.message}`, { cause }),
      'reach the server on which swarms are kept; peers are told to come again',
    );
  }
}

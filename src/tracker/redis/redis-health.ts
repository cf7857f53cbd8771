import type { Clock, ReportError } from '../../util/index.ts';
import { StoreUnavailableError } from '../errors/index.ts';

/** The milliseconds without a failure after which a server that answers counts as back. */
const RECOVERY_TIME = 1000;

/** The health of a server, whose changes are reported once and not for each call. */
export class RedisHealth {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #report: ReportError;
  readonly #notice: (message: string) => void;
  #isAway = false;
  #failedAt = 0;

  /** @param name the name of the server in messages */
  constructor(name: string, clock: Clock, report: ReportError, notice: (message: string) => void) {
    this.#name = name;
    this.#clock = clock;
    this.#report = report;
    this.#notice = notice;
  }

  /** Says whether calls fail now, or did a moment ago. */
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

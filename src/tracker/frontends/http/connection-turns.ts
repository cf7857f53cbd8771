import { handleOrReport, type ReportError } from '../../../util/index.ts';

/**
 * A queue of work for the next turns of the event loop. A few pieces are done in each turn, in the order in which they came,
 * so that they hold up nothing else for long. A connection with more to do queues again, at the end. What follows from a
 * piece without any waiting is done before the next piece.
 */
export class ConnectionTurns {
  readonly #inTurn: number;
  readonly #report: ReportError;
  readonly #waiting: (() => void)[] = [];
  /** The number of pieces that are scheduled in this turn or the next. */
  #scheduled = 0;
  /** The number of pieces that were done at once in this turn. */
  #done = 0;

  /** @param inTurn the number of pieces that are done in one turn */
  constructor(inTurn: number, report: ReportError) {
    this.#inTurn = inTurn;
    this.#report = report;
  }

  /** Queues a piece of work. */
  later(work: () => void): void {
    this.#waiting.push(work);
    this.#schedule();
  }

  /** Does a piece at once if nothing waits and this turn has room for it; otherwise queues it. */
  soon(work: () => void): void {
    if (this.#done === this.#inTurn || this.#scheduled > 0 || this.#waiting.length > 0) {
      this.later(work);
      return;
    }
    if (this.#done === 0) setImmediate(this.#end);
    this.#done += 1;
    handleOrReport(work, 'go on with a connection', this.#report);
  }

  readonly #end = (): void => {
    this.#done = 0;
  };

  #schedule(): void {
    if (this.#scheduled >= Math.min(this.#inTurn, this.#waiting.length)) return;
    this.#scheduled += 1;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    this.#scheduled -= 1;
    const work = this.#waiting.shift()!;
    // A piece that is scheduled now is done in the next turn.
    this.#schedule();
    handleOrReport(work, 'go on with a connection', this.#report);
  };
}

import { handleOrReport, type ReportError } from '../../../util/index.ts';

/**
 * Work that waits for the next turns of the event loop: a few pieces are done in each, in the order in which they came,
 * so that whatever waits here holds up nothing else for long. Who has more to do comes again at the end. What a piece
 * leads to without waiting for anything is done before the next piece.
 */
export class ConnectionTurns {
  readonly #inTurn: number;
  readonly #report: ReportError;
  readonly #waiting: (() => void)[] = [];
  /** Pieces that have their turn already. */
  #scheduled = 0;
  /** Pieces that were done at once in this turn. */
  #done = 0;

  /** @param inTurn pieces that are done in a turn */
  constructor(inTurn: number, report: ReportError) {
    this.#inTurn = inTurn;
    this.#report = report;
  }

  later(work: () => void): void {
    this.#waiting.push(work);
    this.#schedule();
  }

  /** Does a piece at once when nothing waits and the turn is not over yet, or else {@link later}. */
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
    // What is scheduled now has its turn in the next one.
    this.#schedule();
    handleOrReport(work, 'go on with a connection', this.#report);
  };
}

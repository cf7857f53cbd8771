import type { Clock } from '../../util/index.ts';

/** What has an answer that waits. */
export interface WaitingAnswer {
  /** @param now time of the port's clock */
  write(now: number): void;
}

/**
 * Answers of a port that are written together, when everything was read that the kernel had: its sending does not drive
 * the memory of swarms out of the processor's caches after each of them then, nor is the client's machine woken for each.
 */
export class AnswerBatch {
  readonly #clock: Clock;
  #waiting: WaitingAnswer[] = [];
  /** Empty: the two take turns. */
  #written: WaitingAnswer[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(answer: WaitingAnswer): void {
    if (this.#waiting.push(answer) === 1) setImmediate(this.#write);
  }

  readonly #write = (): void => {
    const waiting = this.#waiting;
    this.#waiting = this.#written;
    const now = this.#clock.now();
    for (const answer of waiting) answer.write(now);
    waiting.length = 0;
    this.#written = waiting;
  };
}

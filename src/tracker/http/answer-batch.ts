/** An answer that is to be written when all requests are read that the kernel had. */
export interface PendingAnswer {
  write(): void;
}

/**
 * Answers of one port that wait until everything was read that the kernel had. The memory of swarms is then not crowded
 * out of the processor's caches by the kernel's sending after each of them, nor is the client's machine woken up for each.
 */
export class AnswerBatch {
  #pending: PendingAnswer[] = [];
  #spare: PendingAnswer[] = [];

  add(answer: PendingAnswer): void {
    if (this.#pending.push(answer) === 1) setImmediate(this.flush);
  }

  readonly flush = (): void => {
    const pending = this.#pending;
    this.#pending = this.#spare;
    for (const answer of pending) answer.write();
    pending.length = 0;
    this.#spare = pending;
  };
}

/**
 * Shares the thread between long pieces of work and everything else: who has much to do does it in steps of a
 * millisecond or two, and waits for its turn before each. There is one turn in each round of the event loop, whoever
 * waits, so that between two steps every announce that has arrived is answered.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when a turn begins, which ends with the next `await` of something else. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#goOn();
    });
  }

  /**
   * Does something with each of many, in steps of a given number of them.
   *
   * @param step how many take a millisecond or two
   */
  async forEach<Item>(items: Iterable<Item>, step: number, work: (item: Item) => void): Promise<void> {
    let left = step;
    for (const item of items) {
      if (left === 0) {
        await this.next();
        left = step;
      }
      left -= 1;
      work(item);
    }
  }

  #goOn(): void {
    setImmediate(() => {
      this.#waiting.shift()!();
      if (this.#waiting.length > 0) this.#goOn();
    });
  }
}

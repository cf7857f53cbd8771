/**
 * Shares the thread between long pieces of work and everything else: long work is done in steps of a millisecond or two,
 * and waits for its turn before each. There is one turn in each round of the event loop, however many wait, so that
 * between two steps every request that has arrived is answered. Each of those for whom work is done has one turn after
 * the other, however much work waits for one of them.
 */
export class Turns {
  /** The steps that wait, by the one for whom they are done; the one whose turn is next stands first. */
  readonly #waiting = new Map<number | string, (() => void)[]>();

  /**
   * Resolves when a turn begins, which ends with the next `await` of something else.
   *
   * @param whom the work is done for, as an address; all work of which that is not said is done for one
   */
  next(whom: number | string = ''): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.size === 0) this.#goOn();
      const waiting = this.#waiting.get(whom);
      if (waiting === undefined) this.#waiting.set(whom, [resolve]);
      else waiting.push(resolve);
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
      const [whom, waiting] = this.#waiting.entries().next().value!;
      const begin = waiting.shift()!;
      this.#waiting.delete(whom);
      if (waiting.length > 0) this.#waiting.set(whom, waiting);
      if (this.#waiting.size > 0) this.#goOn();
      begin();
    });
  }
}

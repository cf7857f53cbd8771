/**
 * The turns by which long work shares the thread with everything else. Long work is done in steps of a millisecond or
 * two, and waits for its turn before each. Each round of the event loop has one turn, so that every request that has
 * arrived is answered between two steps. The turns rotate among the clients for whom work is done, so that none waits
 * longer because another has much work.
 */
export class Turns {
  /** The waiting steps by client. The client whose turn is next stands first. */
  readonly #waiting = new Map<number | string, (() => void)[]>();

  /**
   * Waits for a turn. The turn ends with the next `await` of something else.
   *
   * @param whom the client for whom the work is done, such as its address; work without one counts as that of one client
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
   * @param step the number of items that take a millisecond or two
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

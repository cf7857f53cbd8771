/** Items that stand together: few enough to be looked through. */
const RUN = 512;

interface Numbered {
  readonly sequence: number;
}

/** Things in the order of their numbers: what comes behind a number is found without a walk through all before it. */
export class InOrder<Item extends Numbered> implements Iterable<Item> {
  /** In order, none of them empty. */
  readonly #runs: Item[][];
  #size: number;

  constructor(...first: Item[]) {
    this.#runs = first.length === 0 ? [] : [first];
    this.#size = first.length;
  }

  get size(): number {
    return this.#size;
  }

  /** @param item of a higher number than all that are there */
  add(item: Item): void {
    const last = this.#runs.at(-1);
    if (last === undefined || last.length >= RUN) this.#runs.push([item]);
    else last.push(item);
    this.#size += 1;
  }

  delete(item: Item): void {
    const at = this.#runAt(item.sequence);
    const run = this.#runs[at];
    const place = run?.indexOf(item) ?? -1;
    if (run === undefined || place === -1) return;
    run.splice(place, 1);
    if (run.length === 0) this.#runs.splice(at, 1);
    this.#size -= 1;
  }

  [Symbol.iterator](): Generator<Item> {
    return this.after(0);
  }

  /** Those of higher numbers, while nothing is added or deleted. */
  *after(sequence: number): Generator<Item> {
    for (let at = this.#runAt(sequence); at < this.#runs.length; at += 1) {
      for (const item of this.#runs[at]!) if (item.sequence > sequence) yield item;
    }
  }

  /** @returns where the number is, if it is anywhere: the last run that does not begin behind it, or the first */
  #runAt(sequence: number): number {
    let [from, to] = [0, this.#runs.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#runs[middle]![0]!.sequence <= sequence) from = middle + 1;
      else to = middle;
    }
    return Math.max(from - 1, 0);
  }
}

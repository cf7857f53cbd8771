/** The most pairs of a run. */
const RUN = 512;
/** The number of pairs below which a run is joined with a neighbour, if both fill no more than three quarters of one. */
const FEW = RUN / 4;
const JOINED = (RUN * 3) / 4;

/**
 * Compares a value with the one that is looked for, among equal keys: below 0 if it comes before, above 0 if it comes after,
 * 0 if it is that one.
 */
export type Place = (value: number) => number;

/**
 * Sorted pairs of a key and a value, both of 32 bits, in the order of keys, and among equal keys in the order of the
 * caller's {@link Place} functions.
 *
 * It is a tree of two levels: runs of up to {@link RUN} pairs, and a list of the runs. Even if many keys are equal, finding
 * and changing a pair takes some twenty comparisons and moves a few kilobytes; no step copies everything, as the growth of a
 * hash table does. A pair takes 8 to 22 bytes.
 */
export class SortedPairs {
  /** The runs, of which none is empty. */
  readonly #runs: Run[] = [];
  /** The first key of each run, close together for the search. */
  readonly #firstKeys: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes of all runs. */
  get bytes(): number {
    return this.#runs.length * RUN * 8;
  }

  /** Adds a pair. @param place compares the other values of the key with this one */
  add(key: number, value: number, place: Place): void {
    this.#size += 1;
    let at = this.#runOf(key, place);
    if (at === -1) {
      this.#insertRun(0, new Run());
      at = 0;
    }
    let run = this.#runs[at]!;
    let offset = run.seek(key, place);
    if (run.count === RUN) {
      const isAtEnd = offset === RUN && at === this.#runs.length - 1;
      // Pairs that are added in order fill runs completely.
      const other = run.split(isAtEnd ? RUN : RUN / 2);
      this.#insertRun(at + 1, other);
      if (offset > run.count || isAtEnd) {
        offset -= run.count;
        at += 1;
        run = other;
      }
    }
    run.insert(offset, key, value);
    if (offset === 0) this.#firstKeys[at] = key;
  }

  /** Removes the pair at the place. @returns its value; -1 when there is none */
  delete(key: number, place: Place): number {
    const at = this.#runWith(key, place);
    if (at === -1) return -1;
    const run = this.#runs[at]!;
    const offset = run.seek(key, place);
    const value = run.valueAt(offset);
    run.remove(offset);
    this.#size -= 1;
    if (run.count === 0) this.#removeRun(at);
    else {
      if (offset === 0) this.#firstKeys[at] = run.keyAt(0);
      if (run.count < FEW) this.#join(at);
    }
    return value;
  }

  /** @returns the value of the pair at the place; -1 when there is none */
  find(key: number, place: Place): number {
    const at = this.#runWith(key, place);
    if (at === -1) return -1;
    const run = this.#runs[at]!;
    return run.valueAt(run.seek(key, place));
  }

  /** Replaces the value of the pair at the place, which must exist, by another value of the same place. */
  replace(key: number, place: Place, value: number): void {
    const run = this.#runs[this.#runWith(key, place)]!;
    run.setValue(run.seek(key, place), value);
  }

  /** Counts the pairs of a key from one place up to another one that is not before it. */
  count(key: number, from: Place, to: Place): number {
    let at = this.#runOf(key, from);
    if (at === -1) return 0;
    let count = -this.#runs[at]!.seek(key, from);
    for (const end = this.#runOf(key, to); at < end; at += 1) count += this.#runs[at]!.count;
    return count + this.#runs[at]!.seek(key, to);
  }

  /** Gives the values of a key from one place up to another. No pair may be added or removed meanwhile. */
  *values(key: number, from: Place, to: Place): Generator<number> {
    let at = Math.max(0, this.#runOf(key, from));
    let offset = this.#runs[at]?.seek(key, from) ?? 0;
    for (; at < this.#runs.length; at += 1, offset = 0) {
      const run = this.#runs[at]!;
      const end = run.seek(key, to);
      for (; offset < end; offset += 1) yield run.valueAt(offset);
      if (end < run.count) return;
    }
  }

  /** @returns the index of the run with a pair at the place; -1 when there is none */
  #runWith(key: number, place: Place): number {
    let at = this.#runOf(key, place);
    let run = this.#runs[at];
    if (run === undefined) return -1;
    let offset = run.seek(key, place);
    if (offset === run.count) {
      at += 1;
      offset = 0;
      run = this.#runs[at];
    }
    return run?.keyAt(offset) === key && place(run.valueAt(offset)) === 0 ? at : -1;
  }

  /** @returns the index of the last run that begins before the place, or else of the first; -1 when there is no run */
  #runOf(key: number, place: Place): number {
    let [from, to] = [0, this.#runs.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const first = this.#firstKeys[middle]!;
      if (first < key || (first === key && place(this.#runs[middle]!.valueAt(0)) < 0)) from = middle + 1;
      else to = middle;
    }
    return from > 0 ? from - 1 : Math.min(0, this.#runs.length - 1);
  }

  /** Joins a small run with the next or the previous one, if both have few pairs. */
  #join(at: number): void {
    for (const first of [at, at - 1]) {
      const run = this.#runs[first];
      const next = this.#runs[first + 1];
      if (run === undefined || next === undefined || run.count + next.count > JOINED) continue;
      run.append(next);
      this.#removeRun(first + 1);
      return;
    }
  }

  /** @param run the run; if it has no pair yet, its first key is set later */
  #insertRun(at: number, run: Run): void {
    this.#runs.splice(at, 0, run);
    this.#firstKeys.splice(at, 0, run.keyAt(0));
  }

  #removeRun(at: number): void {
    this.#runs.splice(at, 1);
    this.#firstKeys.splice(at, 1);
  }
}

/** A run of pairs in order: first the keys, and then the values. */
class Run {
  readonly #numbers = new Uint32Array(2 * RUN);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  keyAt(offset: number): number {
    return this.#numbers[offset]!;
  }

  valueAt(offset: number): number {
    return this.#numbers[RUN + offset]!;
  }

  setValue(offset: number, value: number): void {
    this.#numbers[RUN + offset] = value;
  }

  /** @returns the offset of the first pair that is not before the place; the count when all are */
  seek(key: number, place: Place): number {
    let [from, to] = [0, this.#count];
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = this.keyAt(middle);
      if (other < key || (other === key && place(this.valueAt(middle)) < 0)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  insert(offset: number, key: number, value: number): void {
    this.#move(offset, offset + 1);
    this.#numbers[offset] = key;
    this.#numbers[RUN + offset] = value;
    this.#count += 1;
  }

  remove(offset: number): void {
    this.#move(offset + 1, offset);
    this.#count -= 1;
  }

  /** Splits the run after the first `kept` pairs. @returns a run of the others */
  split(kept: number): Run {
    const other = new Run();
    other.#take(this, kept);
    this.#count = kept;
    return other;
  }

  append(other: Run): void {
    this.#take(other, 0);
  }

  #take(other: Run, from: number): void {
    const count = other.#count - from;
    this.#numbers.set(other.#numbers.subarray(from, from + count), this.#count);
    this.#numbers.set(other.#numbers.subarray(RUN + from, RUN + from + count), RUN + this.#count);
    this.#count += count;
  }

  /** Moves the pairs from an offset on. */
  #move(from: number, to: number): void {
    this.#numbers.copyWithin(to, from, this.#count);
    this.#numbers.copyWithin(RUN + to, RUN + from, RUN + this.#count);
  }
}

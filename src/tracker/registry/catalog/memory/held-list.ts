/** The number of entries in one array. */
const PART = 4096;

/** The list of the descriptions that a seeder gave, in their order: 4 bytes each, in arrays that are never copied. */
export class HeldList {
  readonly #parts: Uint32Array[] = [];
  readonly #capacity: number;
  #length = 0;

  /** @param capacity the most numbers that will be added */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    const offset = this.#length % PART;
    if (offset === 0) this.#parts.push(new Uint32Array(Math.min(PART, this.#capacity - this.#length)));
    this.#parts.at(-1)![offset] = number;
    this.#length += 1;
  }

  /**
   * @returns the place behind the first `count` numbers: the end when there are fewer, the start when `count` is no count
   */
  placeAfter(count: number): number {
    return Number.isInteger(count) && count > 0 ? Math.min(count, this.#length) : 0;
  }

  /** Puts another number in the place of one. */
  replace(at: number, number: number): void {
    this.#parts[Math.floor(at / PART)]![at % PART] = number;
  }

  /** Gives the numbers from a place on. */
  *from(place: number): Generator<number> {
    for (let at = place; at < this.#length; at += 1) yield this.#parts[Math.floor(at / PART)]![at % PART]!;
  }
}

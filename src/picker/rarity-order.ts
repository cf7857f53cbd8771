import { type Random, randomBelow } from '../util/index.ts';

/**
 * The queued pieces in the order of their availability, the rarest first. The availability of a piece is the number of peers
 * that have it. All pieces of one availability are a run of the order, its level.
 *
 * It is one array of pieces and the end of each run in it. When a piece gains or loses a peer, it trades places with the last
 * or first piece of its run, and the end of the run moves by one: O(1). To insert or remove a piece moves one piece of each
 * higher run: O(levels), however many pieces there are.
 */
export class RarityOrder {
  /** The number of peers that have each piece, queued or not. */
  readonly #availability: Int32Array;
  readonly #order: Int32Array;
  /** The place of each piece in the order; -1 when it is not queued. */
  readonly #position: Int32Array;
  /** The place behind the run of each availability. A run starts where the one of the next lower availability ends. */
  #ends: Int32Array = new Int32Array(16);
  /** The number of availabilities that have a run, empty or not: one more than the highest availability so far. */
  #levels = 1;

  constructor(pieceCount: number) {
    this.#availability = new Int32Array(pieceCount);
    this.#order = new Int32Array(pieceCount);
    this.#position = new Int32Array(pieceCount).fill(-1);
  }

  /** The number of queued pieces. */
  get size(): number {
    return this.#ends[this.#levels - 1]!;
  }

  /** The number of runs, empty or not. All pieces have an availability below it. */
  get levels(): number {
    return this.#levels;
  }

  /** Returns the number of peers that have the piece. */
  availability(index: number): number {
    return this.#availability[index]!;
  }

  /** Tells whether the piece is queued. */
  has(index: number): boolean {
    return this.#position[index]! >= 0;
  }

  /** Returns the piece at a place in the order. @param place 0 to `size - 1` */
  at(place: number): number {
    return this.#order[place]!;
  }

  /** Returns the first place of the run of an availability. */
  start(level: number): number {
    return level === 0 ? 0 : this.#ends[level - 1]!;
  }

  /** Returns the place behind the run of an availability. */
  end(level: number): number {
    return this.#ends[level]!;
  }

  /** Queues a piece that is not queued. */
  insert(index: number): void {
    const level = this.#availability[index]!;
    let hole = this.size;
    for (let above = this.#levels - 1; above > level; above -= 1) {
      const first = this.start(above);
      if (first !== hole) this.#put(this.#order[first]!, hole);
      this.#ends[above]! += 1;
      hole = first;
    }
    this.#put(index, hole);
    this.#ends[level]! += 1;
  }

  /** Removes a queued piece. */
  remove(index: number): void {
    let hole = this.#position[index]!;
    for (let level = this.#availability[index]!; level < this.#levels; level += 1) {
      const last = this.#ends[level]! - 1;
      if (last !== hole) this.#put(this.#order[last]!, hole);
      this.#ends[level] = last;
      hole = last;
    }
    this.#position[index] = -1;
  }

  /** Counts one more peer that has the piece, queued or not. */
  gained(index: number): void {
    const level = this.#availability[index]!;
    this.#availability[index] = level + 1;
    if (level + 1 === this.#levels) this.#addLevel();
    if (this.#position[index]! < 0) return;
    const last = this.#ends[level]! - 1;
    this.#swap(index, last);
    this.#ends[level] = last;
  }

  /** Counts one peer less that has the piece, queued or not. */
  lost(index: number): void {
    const level = this.#availability[index]!;
    this.#availability[index] = level - 1;
    if (this.#position[index]! < 0) return;
    const first = this.#ends[level - 1]!;
    this.#swap(index, first);
    this.#ends[level - 1] = first + 1;
  }

  /** Puts the pieces of each run in a random order. */
  shuffle(random: Random): void {
    for (let level = 0; level < this.#levels; level += 1) {
      const start = this.start(level);
      for (let left = this.end(level) - start; left > 1; left -= 1) {
        this.#swap(this.at(start + left - 1), start + randomBelow(random, left));
      }
    }
  }

  #addLevel(): void {
    if (this.#levels === this.#ends.length) {
      const longer = new Int32Array(this.#ends.length * 2);
      longer.set(this.#ends);
      this.#ends = longer;
    }
    this.#ends[this.#levels] = this.size;
    this.#levels += 1;
  }

  #swap(index: number, place: number): void {
    const other = this.#order[place]!;
    this.#put(other, this.#position[index]!);
    this.#put(index, place);
  }

  #put(index: number, place: number): void {
    this.#order[place] = index;
    this.#position[index] = place;
  }
}

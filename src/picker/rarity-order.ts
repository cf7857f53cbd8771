import { type Random, randomBelow } from '../util/index.ts';

/**
 * The queued pieces, rarest first.
 *
 * One array of pieces, sorted by availability, and where each availability's run ends in it. When a piece gains or
 * loses a holder it trades places with the last or first piece of its run and the border moves by one: O(1). Putting a
 * piece in or taking it out moves one piece of each run above it: O(availabilities), however many pieces there are.
 */
export class RarityOrder {
  /** Holders of each piece, queued or not. */
  readonly #availability: Int32Array;
  readonly #order: Int32Array;
  /** Where a piece stands in the order; -1 when it is not queued. */
  readonly #position: Int32Array;
  /** Where the run of each availability ends; it starts where the one before ends. */
  #ends: Int32Array = new Int32Array(16);
  /** Availabilities that have a run, empty or not: one more than the highest there has been. */
  #levels = 1;

  constructor(pieceCount: number) {
    this.#availability = new Int32Array(pieceCount);
    this.#order = new Int32Array(pieceCount);
    this.#position = new Int32Array(pieceCount).fill(-1);
  }

  get size(): number {
    return this.#ends[this.#levels - 1]!;
  }

  get levels(): number {
    return this.#levels;
  }

  availability(index: number): number {
    return this.#availability[index]!;
  }

  has(index: number): boolean {
    return this.#position[index]! >= 0;
  }

  /** The piece at a place in the order, `0 <= place < size`. */
  at(place: number): number {
    return this.#order[place]!;
  }

  /** The first place of the pieces with this availability. */
  start(level: number): number {
    return level === 0 ? 0 : this.#ends[level - 1]!;
  }

  /** The place after the last of the pieces with this availability. */
  end(level: number): number {
    return this.#ends[level]!;
  }

  /** Puts a piece in that is not in the order. */
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

  /** Takes a piece out that is in the order. */
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

  /** One more peer has the piece. */
  gained(index: number): void {
    const level = this.#availability[index]!;
    this.#availability[index] = level + 1;
    if (level + 1 === this.#levels) this.#addLevel();
    if (this.#position[index]! < 0) return;
    const last = this.#ends[level]! - 1;
    this.#swap(index, last);
    this.#ends[level] = last;
  }

  /** One of the peers that have the piece is gone. */
  lost(index: number): void {
    const level = this.#availability[index]!;
    this.#availability[index] = level - 1;
    if (this.#position[index]! < 0) return;
    const first = this.#ends[level - 1]!;
    this.#swap(index, first);
    this.#ends[level - 1] = first + 1;
  }

  /** Mixes the pieces of each availability, so that they come in no order of their own. */
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

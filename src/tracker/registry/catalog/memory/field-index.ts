import type { StoredBytes } from './byte-store.ts';
import { type Place, SortedPairs } from './sorted-pairs.ts';

/** A field of descriptions, as an index uses it. */
export interface Field<Value> {
  read(stored: StoredBytes): Value;
  /** Gives a number of 32 bits that is the same for equal values. */
  keyOf(value: Value): number;
  /** Gives that number for the value in a description. */
  keyIn(stored: StoredBytes): number;
  /** Compares the field of a description with a value, in any fixed order. */
  compare(stored: StoredBytes, value: Value): number;
}

/** The properties of descriptions that an index looks up by their rows. */
export interface DescriptionRows {
  storedAt(description: number): StoredBytes;
  sequenceOf(description: number): number;
}

/** An index of descriptions by the value of one field; those with equal values are in the order in which they were made. */
export class FieldIndex<Value> {
  readonly #rows: DescriptionRows;
  readonly #field: Field<Value>;
  readonly #pairs = new SortedPairs();

  constructor(rows: DescriptionRows, field: Field<Value>) {
    this.#rows = rows;
    this.#field = field;
  }

  add(description: number): void {
    const stored = this.#rows.storedAt(description);
    this.#pairs.add(this.#field.keyIn(stored), description, this.#placeOf(stored, description));
  }

  delete(description: number): void {
    const stored = this.#rows.storedAt(description);
    this.#pairs.delete(this.#field.keyIn(stored), this.#placeOf(stored, description));
  }

  count(value: Value): number {
    return this.#pairs.count(this.#field.keyOf(value), this.#after(value, 0), this.#after(value, Infinity));
  }

  /** Gives the descriptions with a value that were made after one. None may be added or deleted meanwhile. */
  after(value: Value, sequence: number): Iterable<number> {
    return this.#pairs.values(
      this.#field.keyOf(value),
      this.#after(value, sequence),
      this.#after(value, Infinity),
    );
  }

  matches(description: number, value: Value): boolean {
    return this.#compare(description, value) === 0;
  }

  #compare(description: number, value: Value): number {
    return this.#field.compare(this.#rows.storedAt(description), value);
  }

  #placeOf(stored: StoredBytes, description: number): Place {
    const sequence = this.#rows.sequenceOf(description);
    // Most keys belong to one value only, so that no values have to be compared.
    let value: Value | undefined;
    return (other) => {
      value ??= this.#field.read(stored);
      return this.#compare(other, value) || this.#rows.sequenceOf(other) - sequence;
    };
  }

  /** Makes the place behind the descriptions with the value that were made up to one. */
  #after(value: Value, sequence: number): Place {
    return (other) => this.#compare(other, value) || (this.#rows.sequenceOf(other) <= sequence ? -1 : 1);
  }
}

import { type HashKey, keyedHash } from '../../../../util/index.ts';
import type { CatalogQuery } from '../catalog.ts';
import {
  compareName,
  compareSha256,
  hasSha256,
  type NameBytes,
  nameBytes,
  nameIn,
  nameKeyIn,
  sha256Bytes,
  sha256In,
  sha256KeyIn,
  sizeIn,
} from './description-bytes.ts';
import { type DescriptionRows, type Field, FieldIndex } from './field-index.ts';
import { type Place, SortedPairs } from './sorted-pairs.ts';

/** A selection of descriptions, which includes those that are looked for. */
export interface Selection {
  readonly size: number;
  /** Whether all of them match all fields of the query. */
  readonly isExact: boolean;
  /**
   * Gives the descriptions that were made after one, in the order in which they were made. None may be made or released
   * meanwhile.
   */
  after(sequence: number): Iterable<number>;
  /** Says whether a description matches all fields of the query. */
  matches(description: number): boolean;
}

/** A condition on one of the fields that are looked for. */
type Condition = Omit<Selection, 'isExact'>;

/** Finds descriptions by name, size and SHA-256. */
export class DescriptionSearch {
  readonly #rows: DescriptionRows;
  readonly #byName: FieldIndex<NameBytes>;
  readonly #bySize: FieldIndex<number>;
  readonly #bySha256: FieldIndex<Buffer>;
  /** All descriptions in the order in which they were made. */
  readonly #all = new SortedPairs();

  /** @param hashKey is secret, so that nobody can choose names that are slow to compare */
  constructor(rows: DescriptionRows, hashKey: HashKey) {
    this.#rows = rows;
    this.#byName = new FieldIndex(rows, nameField(hashKey));
    this.#bySize = new FieldIndex(rows, SIZE);
    this.#bySha256 = new FieldIndex(rows, SHA256);
  }

  add(description: number): void {
    this.#all.add(0, description, this.#placeOf(description));
    this.#byName.add(description);
    this.#bySize.add(description);
    if (hasSha256(this.#rows.storedAt(description))) this.#bySha256.add(description);
  }

  delete(description: number): void {
    this.#all.delete(0, this.#placeOf(description));
    this.#byName.delete(description);
    this.#bySize.delete(description);
    if (hasSha256(this.#rows.storedAt(description))) this.#bySha256.delete(description);
  }

  select(query: CatalogQuery): Selection {
    const conditions = [...this.#conditions(query)];
    const rarest = conditions.reduce(
      (least, other) => (other.size < least.size ? other : least),
      this.#every,
    );
    return {
      size: rarest.size,
      isExact: conditions.length <= 1,
      after: rarest.after,
      matches: (description) => conditions.every((condition) => condition.matches(description)),
    };
  }

  get #every(): Condition {
    return {
      size: this.#all.size,
      after: (sequence) =>
        this.#all.values(
          0,
          (description) => (this.#rows.sequenceOf(description) <= sequence ? -1 : 1),
          () => -1,
        ),
      matches: () => true,
    };
  }

  *#conditions({ name, size, sha256 }: CatalogQuery): Generator<Condition> {
    if (sha256 !== undefined) {
      const bytes = sha256Bytes(sha256);
      yield bytes === undefined ? NOTHING : condition(this.#bySha256, bytes);
    }
    if (name !== undefined) yield condition(this.#byName, nameBytes(name));
    if (size !== undefined) yield condition(this.#bySize, size);
  }

  #placeOf(description: number): Place {
    const sequence = this.#rows.sequenceOf(description);
    return (other) => this.#rows.sequenceOf(other) - sequence;
  }
}

const NOTHING: Condition = { size: 0, after: () => [], matches: () => false };

const SIZE: Field<number> = {
  read: sizeIn,
  keyOf: (size) => size >>> 0,
  keyIn: (stored) => sizeIn(stored) >>> 0,
  compare: (stored, size) => sizeIn(stored) - size,
};

const SHA256: Field<Buffer> = {
  read: sha256In,
  keyOf: (sha256) => sha256.readUInt32LE(),
  keyIn: sha256KeyIn,
  compare: compareSha256,
};

function nameField(hashKey: HashKey): Field<NameBytes> {
  return {
    read: nameIn,
    keyOf: ({ bytes }) => keyedHash(hashKey, bytes, 0, bytes.length),
    keyIn: (stored) => nameKeyIn(hashKey, stored),
    compare: compareName,
  };
}

function condition<Value>(index: FieldIndex<Value>, value: Value): Condition {
  return {
    size: index.count(value),
    after: (sequence) => index.after(value, sequence),
    matches: (description) => index.matches(description, value),
  };
}

import { type HashKey, keyedHash } from '../../../../util/index.ts';
import type { CatalogQuery } from '../catalog.ts';
import {
  compareId,
  compareName,
  type IdKind,
  idBytes,
  idIn,
  idKeyIn,
  idKindIn,
  infoHashBytes,
  infoHashV2In,
  type NameBytes,
  nameBytes,
  nameIn,
  nameKeyIn,
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

/** Finds descriptions by name, size, SHA-256, content id and second info-hash. */
export class DescriptionSearch {
  readonly #rows: DescriptionRows;
  readonly #byName: FieldIndex<NameBytes>;
  readonly #bySize: FieldIndex<number>;
  readonly #byId: Readonly<Record<IdKind, FieldIndex<Buffer>>>;
  readonly #byInfoHashV2: FieldIndex<Buffer>;
  /** All descriptions in the order in which they were made. */
  readonly #all = new SortedPairs();

  /** @param hashKey is secret, so that nobody can choose names that are slow to compare */
  constructor(rows: DescriptionRows, hashKey: HashKey) {
    this.#rows = rows;
    this.#byName = new FieldIndex(rows, nameField(hashKey));
    this.#bySize = new FieldIndex(rows, SIZE);
    this.#byInfoHashV2 = new FieldIndex(rows, INFO_HASH_V2);
    this.#byId = {
      sha256: new FieldIndex(rows, idField('sha256')),
      contentId: new FieldIndex(rows, idField('contentId')),
    };
  }

  add(description: number): void {
    this.#all.add(0, description, this.#placeOf(description));
    this.#byName.add(description);
    this.#bySize.add(description);
    for (const index of this.#optionalIndexesOf(description)) index.add(description);
  }

  delete(description: number): void {
    this.#all.delete(0, this.#placeOf(description));
    this.#byName.delete(description);
    this.#bySize.delete(description);
    for (const index of this.#optionalIndexesOf(description)) index.delete(description);
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

  *#conditions({ name, size, sha256, id, infoHashV2 }: CatalogQuery): Generator<Condition> {
    if (sha256 !== undefined) yield this.#idCondition('sha256', sha256);
    if (id !== undefined) {
      yield either(this.#idCondition('sha256', id), this.#idCondition('contentId', id), (description) =>
        this.#rows.sequenceOf(description),
      );
    }
    if (infoHashV2 !== undefined) {
      const bytes = infoHashBytes(infoHashV2);
      yield bytes === undefined ? NOTHING : condition(this.#byInfoHashV2, bytes);
    }
    if (name !== undefined) yield condition(this.#byName, nameBytes(name));
    if (size !== undefined) yield condition(this.#bySize, size);
  }

  #idCondition(kind: IdKind, id: string): Condition {
    const bytes = idBytes(id);
    return bytes === undefined ? NOTHING : condition(this.#byId[kind], bytes);
  }

  /** Gives the indexes of fields that not every description has, for those that this one has. */
  #optionalIndexesOf(description: number): FieldIndex<Buffer>[] {
    const stored = this.#rows.storedAt(description);
    const kind = idKindIn(stored);
    return [
      ...(kind === undefined ? [] : [this.#byId[kind]]),
      ...(infoHashV2In(stored) === undefined ? [] : [this.#byInfoHashV2]),
    ];
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

const INFO_HASH_V2: Field<Buffer> = {
  // Only descriptions that have one are in the index.
  read: (stored) => infoHashV2In(stored)!,
  keyOf: (infoHash) => infoHash.readUInt32LE(),
  keyIn: (stored) => infoHashV2In(stored)!.readUInt32LE(),
  compare: (stored, infoHash) => infoHashV2In(stored)?.compare(infoHash) ?? -1,
};

/** Makes the field of ids of one kind. */
function idField(kind: IdKind): Field<Buffer> {
  return {
    read: idIn,
    keyOf: (id) => id.readUInt32LE(),
    keyIn: idKeyIn,
    compare: (stored, id) => compareId(stored, kind, id),
  };
}

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

/** Joins two conditions that no description meets both. */
function either(a: Condition, b: Condition, sequenceOf: (description: number) => number): Condition {
  if (b.size === 0) return a;
  return {
    size: a.size + b.size,
    after: (sequence) => merged(a.after(sequence), b.after(sequence), sequenceOf),
    matches: (description) => a.matches(description) || b.matches(description),
  };
}

/** Merges two series of descriptions, each in the order in which they were made. */
function* merged(
  a: Iterable<number>,
  b: Iterable<number>,
  sequenceOf: (description: number) => number,
): Generator<number> {
  const rest = b[Symbol.iterator]();
  let next = rest.next();
  for (const description of a) {
    for (; next.done !== true && sequenceOf(next.value) < sequenceOf(description); next = rest.next()) {
      yield next.value;
    }
    yield description;
  }
  for (; next.done !== true; next = rest.next()) yield next.value;
}

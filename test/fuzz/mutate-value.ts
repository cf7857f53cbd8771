import { type Random, randomBelow } from '../../src/util/index.ts';
import { oneOf } from './mutate-bytes.ts';

/** A value of bencode or JSON as lists, maps and leaves. */
export type FuzzValue = FuzzLeaf | FuzzValue[] | Map<string, FuzzValue>;
export type FuzzLeaf = string | number | bigint | boolean | null | Uint8Array;

/** The most copies of an entry that are put beside it. */
const MAX_COPIES = 100;

/**
 * Makes another value of one: replaces, doubles, removes and nests entries of its lists and maps, and renames keys. So
 * it stays well-formed, and a parser gets to see a wrong value rather than wrong bytes.
 *
 * @param others values from which it may take a part
 * @param leaves values without entries that it may insert
 */
export function mutateValue(
  value: FuzzValue,
  random: Random,
  others: readonly FuzzValue[],
  leaves: readonly FuzzLeaf[],
): FuzzValue {
  let mutated = value;
  do mutated = changeAt(mutated, random, () => newValue(random, others, leaves));
  while (random.next() < 0.4);
  return mutated;
}

/** Changes the value itself, or goes on to one of its entries. */
function changeAt(value: FuzzValue, random: Random, make: () => FuzzValue): FuzzValue {
  const goesOn = isContainer(value) && sizeOf(value) > 0 && random.next() < 0.8;
  if (!goesOn)
    return isContainer(value) && random.next() < 0.7
      ? changeEntries(value, random, make)
      : replace(value, random, make);
  if (Array.isArray(value)) {
    const at = randomBelow(random, value.length);
    return value.with(at, changeAt(value[at]!, random, make));
  }
  const [key, entry] = oneOf(random, [...value]);
  return new Map(value).set(key, changeAt(entry, random, make));
}

function replace(value: FuzzValue, random: Random, make: () => FuzzValue): FuzzValue {
  if (typeof value === 'number' && random.next() < 0.3) return value + randomBelow(random, 3) - 1;
  if (random.next() < 0.8) return make();
  return random.next() < 0.5 ? [value] : new Map([['a', value]]);
}

function changeEntries(
  value: FuzzValue[] | Map<string, FuzzValue>,
  random: Random,
  make: () => FuzzValue,
): FuzzValue {
  const isMany = random.next() < 0.01;
  const copies = isMany ? randomBelow(random, MAX_COPIES) : 1;
  if (Array.isArray(value)) {
    const at = randomBelow(random, value.length + 1);
    const added = value.length === 0 || random.next() < 0.5 ? make() : oneOf(random, value);
    return value.toSpliced(at, randomBelow(random, 2), ...new Array<FuzzValue>(copies).fill(added));
  }
  const entries = [...value];
  const changed = new Map(value);
  if (entries.length === 0) return changed.set('a', make());
  const [key, entry] = oneOf(random, entries);
  const [otherKey] = oneOf(random, entries);
  if (random.next() < 0.7) changed.delete(key);
  if (random.next() < 0.7) changed.set(random.next() < 0.5 ? otherKey : newKey(key, random), entry);
  for (let at = 1; at < copies; at += 1) changed.set(`${key}${at}`, entry);
  return changed;
}

function newKey(key: string, random: Random): string {
  return oneOf(random, [
    `${key}.utf-8`,
    key.slice(1),
    '',
    '__proto__',
    'constructor',
    '..',
    '\xff',
    `${key}\0`,
  ]);
}

function newValue(random: Random, others: readonly FuzzValue[], leaves: readonly FuzzLeaf[]): FuzzValue {
  if (random.next() < 0.6) return oneOf(random, leaves);
  if (random.next() < 0.2) return random.next() < 0.5 ? [] : new Map();
  if (random.next() < 0.1) return nested(oneOf(random, [3, 8, 9, 30, 63, 64, 65]), random.next() < 0.5);
  let value = oneOf(random, others);
  while (isContainer(value) && sizeOf(value) > 0 && random.next() < 0.8) {
    value = oneOf(random, Array.isArray(value) ? value : [...value.values()]);
  }
  return value;
}

function nested(depth: number, isList: boolean): FuzzValue {
  let value: FuzzValue = 1;
  for (let at = 0; at < depth; at += 1) value = isList ? [value] : new Map([['a', value]]);
  return value;
}

function isContainer(value: FuzzValue): value is FuzzValue[] | Map<string, FuzzValue> {
  return Array.isArray(value) || value instanceof Map;
}

function sizeOf(value: FuzzValue[] | Map<string, FuzzValue>): number {
  return Array.isArray(value) ? value.length : value.size;
}

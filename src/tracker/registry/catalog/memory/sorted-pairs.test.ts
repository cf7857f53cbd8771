import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SortedPairs } from './sorted-pairs.ts';

/** Orders the values of a key by number. */
const placeOf = (value: number) => (other: number) => other - value;
const start = () => 1;
const end = () => -1;

describe('SortedPairs', () => {
  const step = fc.record({
    keys: fc.constantFrom(1, 7, 2 ** 32),
    adds: fc.nat(2000),
    // Of each so many in a row, those that stay are few or many.
    keeps: fc.constantFrom(0, 0.002, 0.3, 0.9),
    isInOrder: fc.boolean(),
  });

  test('SortedPairs has what a sorted list has, whatever was added and deleted', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 5 }), fc.integer(), (steps, seed) => {
        const pairs = new SortedPairs();
        let model: { key: number; value: number }[] = [];
        let last = 0;
        let random = seed >>> 0;
        const next = (): number => (random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0);
        for (const { keys, adds, keeps, isInOrder } of steps) {
          for (let added = 0; added < adds; added += 1) {
            const value = (last += 1);
            const key = isInOrder ? keys - 1 : next() % keys;
            pairs.add(key, value, placeOf(value));
            model.push({ key, value });
          }
          model.sort((a, b) => a.key - b.key || a.value - b.value);
          expect(contentsOf(pairs, model)).toBe(JSON.stringify(model));
          const stays = new Set(model.filter(() => next() < keeps * 2 ** 32));
          const gone = model.filter((pair) => !stays.has(pair));
          expect(gone.map(({ key, value }) => pairs.delete(key, placeOf(value)))).toEqual(
            gone.map(({ value }) => value),
          );
          model = [...stays];
          expect(pairs.size).toBe(model.length);
          expect(contentsOf(pairs, model)).toBe(JSON.stringify(model));
          expect(pairs.bytes).toBeLessThanOrEqual(8192 + model.length * 22);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('values() begins and count() ends at any place among equal keys', () => {
    const pairs = new SortedPairs();
    for (let value = 0; value < 3000; value += 2) pairs.add(5, value, placeOf(value));
    pairs.add(4, 9000, placeOf(9000));
    pairs.add(6, 9001, placeOf(9001));
    expect([...pairs.values(5, placeOf(2991), end)]).toEqual([2992, 2994, 2996, 2998]);
    expect([...pairs.values(5, start, placeOf(4))]).toEqual([0, 2]);
    expect([...pairs.values(7, start, end)]).toEqual([]);
    expect([pairs.count(5, placeOf(1000), placeOf(2001)), pairs.count(3, start, end)]).toEqual([501, 0]);
    expect([pairs.find(5, placeOf(2)), pairs.find(5, placeOf(3)), pairs.find(8, placeOf(3))]).toEqual([
      2, -1, -1,
    ]);
    expect(pairs.delete(5, placeOf(3))).toBe(-1);
  });
});

/** Gives the content by the keys of the model, as JSON, which is faster to compare. */
function contentsOf(pairs: SortedPairs, model: readonly { readonly key: number }[]): string {
  const keys = new Set(model.map(({ key }) => key));
  const contents = [...keys].flatMap((key) =>
    Array.from(pairs.values(key, start, end), (value) => ({ key, value })),
  );
  for (const key of [...keys].slice(0, 20)) {
    expect(pairs.count(key, start, end)).toBe(contents.filter((pair) => pair.key === key).length);
  }
  return JSON.stringify(contents);
}

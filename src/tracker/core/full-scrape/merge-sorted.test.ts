import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeSorted, sortRecords } from './merge-sorted.ts';

const SIZE = 3;
const KEY = 2;
// There are few keys, so that many are equal.
const record = fc
  .tuple(fc.nat(3), fc.nat(255), fc.nat(255))
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const run = fc.array(record, { minLength: 1, maxLength: 50 });

const split = (bytes: Buffer): string[] => bytes.toString('hex').match(/.{6}/g) ?? [];
const keyOf = (text: string): string => text.slice(0, 2 * KEY);

describe('mergeSorted()', () => {
  test('mergeSorted() of what sortRecords() sorted is all of it in order, each key once', () => {
    fc.assert(
      fc.property(fc.array(run), (runs) => {
        const sorted = runs.map((records) => sortRecords(Buffer.from(records.join(''), 'hex'), SIZE, KEY));
        for (const [at, each] of sorted.entries()) {
          expect(split(each).map(keyOf)).toEqual(runs[at]!.map(keyOf).sort());
        }
        const merged = Array.from(mergeSorted(sorted, SIZE, KEY), (bytes) => bytes.toString('hex'));
        const all = runs.flat();
        expect(merged.map(keyOf)).toEqual([...new Set(all.map(keyOf))].sort());
        for (const each of merged) expect(all).toContain(each);
      }),
    );
  });
});

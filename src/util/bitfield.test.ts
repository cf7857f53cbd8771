import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield } from './bitfield.ts';

const indices = fc
  .integer({ min: 1, max: 200 })
  .chain((length) =>
    fc.record({ length: fc.constant(length), set: fc.uniqueArray(fc.integer({ min: 0, max: length - 1 })) }),
  );

describe('Bitfield', () => {
  test('Bitfield holds and counts the pieces that were added, also after its wire form', () => {
    fc.assert(
      fc.property(indices, ({ length, set }) => {
        const bitfield = new Bitfield(length);
        for (const index of set) expect(bitfield.add(index)).toBe(true);
        const copy = Bitfield.fromBytes(bitfield.bytes, length)!;
        expect(copy.count).toBe(set.length);
        for (let index = 0; index < length; index += 1) expect(copy.has(index)).toBe(set.includes(index));
        for (const index of set) expect(copy.delete(index)).toBe(true);
        expect(copy.isEmpty).toBe(true);
      }),
    );
  });

  test('Bitfield.full() sets every piece and no spare bit', () => {
    for (let length = 0; length < 40; length += 1) {
      const full = Bitfield.full(length);
      expect(full.isFull).toBe(true);
      expect(Bitfield.fromBytes(full.bytes, length)?.count).toBe(length);
    }
  });

  test('Bitfield.fromBytes() refuses a wrong length and a spare bit', () => {
    expect(Bitfield.fromBytes(Uint8Array.of(0, 0), 8)).toBeUndefined();
    expect(Bitfield.fromBytes(Uint8Array.of(), 1)).toBeUndefined();
    expect(Bitfield.fromBytes(Uint8Array.of(0b0000_0001), 7)).toBeUndefined();
  });

  test('add() refuses a piece that does not exist', () => {
    expect(() => new Bitfield(8).add(8)).toThrow(RangeError);
    expect(() => new Bitfield(8).add(-1)).toThrow(RangeError);
    expect(() => new Bitfield(8).add(Number.NaN)).toThrow(RangeError);
  });

  test('hasAnyNotIn() is true when it has a piece that the other does not have', () => {
    fc.assert(
      fc.property(indices, indices, (a, b) => {
        const length = 200;
        const [left, right] = [new Bitfield(length), new Bitfield(length)];
        for (const index of a.set) left.add(index);
        for (const index of b.set) right.add(index);
        expect(left.hasAnyNotIn(right)).toBe(a.set.some((index) => !b.set.includes(index)));
      }),
    );
  });
});

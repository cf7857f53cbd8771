import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteStore } from './byte-store.ts';

test('ByteStore has the bytes of each owner, and no holes, whatever was added and removed', () => {
  const steps = fc.array(
    fc.record({
      lengths: fc.array(fc.oneof(fc.nat(40), fc.nat(3000), fc.constant(100_000)), { maxLength: 60 }),
      every: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(steps, (steps) => {
      const slots = new Map<number, number>();
      const model = new Map<number, Buffer>();
      const store = new ByteStore((owner, slot) => slots.set(owner, slot));
      let last = 0;
      for (const { lengths, every } of steps) {
        for (const length of lengths) {
          const owner = (last += 1);
          const bytes = Buffer.alloc(length, owner);
          slots.set(owner, store.add(owner, bytes));
          model.set(owner, bytes);
        }
        for (const [at, [owner, { length }]] of [...model].entries()) {
          if (at % every !== 0) continue;
          store.remove(slots.get(owner)!, length);
          model.delete(owner);
        }
        for (const [owner, bytes] of model) {
          const { page, start, end } = store.at(slots.get(owner)!, bytes.length);
          expect(page.subarray(start, end).equals(bytes)).toBe(true);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('ByteStore gives back the room of what was removed, to strings of other lengths too', () => {
  const slots: number[] = [];
  const store = new ByteStore((owner, slot) => {
    slots[owner] = slot;
  });
  for (const length of [30, 60, 90, 120]) {
    for (let owner = 0; owner < 10_000; owner += 1) slots[owner] = store.add(owner, Buffer.alloc(length));
    // One owner in a hundred stays: if slots did not move, each page would stay as well.
    for (let owner = 0; owner < 10_000; owner += 1) {
      if (owner % 100 > 0) store.remove(slots[owner]!, length);
    }
    for (let owner = 0; owner < 10_000; owner += 100) store.remove(slots[owner]!, length);
  }
  expect(store.bytes).toBeLessThanOrEqual(4 * 2 * 64 * 1024);
});

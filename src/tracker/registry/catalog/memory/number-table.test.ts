import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberTable } from './number-table.ts';

test('NumberTable keeps the numbers of each row while others come and go, and gives memory back', () => {
  const steps = fc.array(fc.record({ takes: fc.nat(3000), every: fc.integer({ min: 1, max: 4 }) }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(steps, (steps) => {
      const table = new NumberTable(2);
      const model = new Map<number, number>();
      let last = 0;
      for (const { takes, every } of steps) {
        for (let taken = 0; taken < takes; taken += 1) {
          const row = table.take();
          if (model.has(row)) throw new Error(`Row ${row} has two owners`);
          model.set(row, (last += 1));
          table.set(row, 0, last);
          table.set(row, 1, 0xffff_ffff - last);
        }
        for (const [at, row] of [...model.keys()].entries()) {
          if (at % every !== 0) continue;
          table.release(row);
          model.delete(row);
        }
        const wrong = [...model].filter(
          ([row, value]) => table.get(row, 0) !== value || table.get(row, 1) !== 0xffff_ffff - value,
        );
        expect(wrong).toEqual([]);
      }
      for (const row of model.keys()) table.release(row);
      expect(table.bytes).toBeLessThanOrEqual(1024 * 8);
    }),
    { numRuns: 30 },
  );
});

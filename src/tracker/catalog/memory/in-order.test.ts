import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InOrder } from './in-order.ts';

describe('InOrder', () => {
  test('InOrder has what a plain list has, whatever was added and deleted', () => {
    const steps = fc.array(fc.record({ adds: fc.nat(1500), deletes: fc.nat(1500), every: fc.nat(5) }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(steps, fc.nat(5000), (steps, after) => {
        const things = new InOrder<{ sequence: number }>();
        let model: { sequence: number }[] = [];
        let sequence = 0;
        for (const { adds, deletes, every } of steps) {
          for (let added = 0; added < adds; added += 1) {
            const thing = { sequence: (sequence += 1 + (added % 3)) };
            things.add(thing);
            model.push(thing);
          }
          const gone = new Set(model.filter((_, at) => at % (every + 1) === 0).slice(0, deletes));
          for (const thing of gone) things.delete(thing);
          model = model.filter((thing) => !gone.has(thing));
          things.delete({ sequence: 1 });
        }
        expect(things.size).toBe(model.length);
        expect([...things]).toEqual(model);
        expect([...things.after(after)]).toEqual(model.filter((thing) => thing.sequence > after));
      }),
      { numRuns: 50 },
    );
  });
});

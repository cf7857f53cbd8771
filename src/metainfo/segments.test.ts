import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Layout } from './segments.ts';

const file = fc.record({ gap: fc.nat(5), length: fc.nat(9) });

test('visit() covers every byte of a range once and in order, and names the right file', () => {
  fc.assert(
    fc.property(
      fc.array(file, { maxLength: 6 }),
      fc.nat(60),
      fc.integer({ min: 1, max: 60 }),
      (plan, offset, length) => {
        let end = 0;
        const files = plan.map(({ gap, length }) => {
          const placement = { offset: end + gap, length };
          end = placement.offset + length;
          return placement;
        });
        const owner = (position: number) =>
          files.findIndex((file) => position >= file.offset && position < file.offset + file.length);
        let covered = 0;
        new Layout(files).visit(offset, length, (found, fileOffset, at, partLength) => {
          expect(at).toBe(covered);
          expect(partLength).toBeGreaterThan(0);
          covered += partLength;
          for (let step = 0; step < partLength; step += 1) {
            const position = offset + at + step;
            expect(owner(position)).toBe(found);
            if (found >= 0) expect(fileOffset + step).toBe(position - files[found]!.offset);
          }
        });
        expect(covered).toBe(length);
      },
    ),
  );
});

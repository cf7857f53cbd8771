import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layOutFiles } from '../metainfo/index.ts';
import { type RangePart, rangesOf } from './stream-ranges.ts';

const lengths = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })), {
  minLength: 1,
  maxLength: 12,
});

/** Files as they are laid out in v1, and in v2, where each begins with a piece. */
const streams = fc
  .record({
    lengths,
    pieceLength: fc.constantFrom(1, 7, 16, 50, 400),
    rangeBytes: fc.integer({ min: 1, max: 200 }),
    isAligned: fc.boolean(),
  })
  .map(({ lengths, pieceLength, rangeBytes, isAligned }) => {
    const { offsets, streamLength } = layOutFiles(lengths, isAligned ? pieceLength : undefined);
    const files = lengths.map((length, index) => ({ path: '', length, offset: offsets[index]! }));
    return { files, streamLength, pieceLength, rangeBytes };
  });

describe('rangesOf()', () => {
  test('rangesOf() divides the whole stream at the bounds of pieces', () => {
    fc.assert(
      fc.property(streams, ({ files, streamLength, pieceLength, rangeBytes }) => {
        let end = 0;
        for (const { start, length } of rangesOf(files, streamLength, pieceLength, rangeBytes)) {
          expect(start).toBe(end);
          expect(start % pieceLength).toBe(0);
          expect(length).toBeLessThanOrEqual(Math.max(rangeBytes, pieceLength));
          end = start + length;
        }
        expect(end).toBe(streamLength);
      }),
    );
  });

  test('rangesOf() gives every byte of every file once and in order, and every empty file', () => {
    fc.assert(
      fc.property(streams, ({ files, streamLength, pieceLength, rangeBytes }) => {
        const partsOf = files.map((): RangePart[] => []);
        for (const { start, length, parts } of rangesOf(files, streamLength, pieceLength, rangeBytes)) {
          let filled = 0;
          for (const part of parts) {
            expect(part.begin).toBeGreaterThanOrEqual(filled);
            filled = part.begin + part.length;
            if (part.length > 0) expect(start + part.begin).toBe(files[part.file]!.offset + part.position);
            partsOf[part.file]!.push(part);
          }
          expect(filled).toBeLessThanOrEqual(length);
        }
        for (const [index, parts] of partsOf.entries()) {
          let end = 0;
          for (const { position, length } of parts) {
            expect(position).toBe(end);
            end = position + length;
          }
          expect(end).toBe(files[index]!.length);
          expect(parts.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});

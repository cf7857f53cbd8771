import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeadEnd } from './head-end.ts';

/** Finds where heads end, by a search through all of the bytes at once. */
function endsIn(text: string): number[] {
  const ends: number[] = [];
  for (let at = 0; ; ) {
    const found = text.indexOf('\r\n\r\n', at);
    if (found === -1) return ends;
    at = found + 4;
    ends.push(at);
  }
}

test('HeadEnd finds the same ends in pieces of any length', () => {
  const text = fc
    .array(fc.constantFrom('\r', '\n', '\r\n', '\r\n\r\n', 'a'), { maxLength: 40 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 7 }), (whole, size) => {
      const bytes = Buffer.from(whole, 'latin1');
      const headEnd = new HeadEnd();
      const ends: number[] = [];
      for (let start = 0; start < bytes.length; start += size) {
        const piece = bytes.subarray(start, start + size);
        for (let at = 0; at < piece.length; ) {
          const end = headEnd.find(piece.subarray(at));
          if (end === undefined) break;
          at += end;
          ends.push(start + at);
        }
      }
      expect(ends).toEqual(endsIn(whole));
    }),
  );
});

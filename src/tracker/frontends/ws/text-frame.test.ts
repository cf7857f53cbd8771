import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textFrame } from './text-frame.ts';

/** Reads a frame of a server by the letter of RFC 6455. */
function read(frame: Buffer): string {
  expect(frame[0]).toBe(0x81);
  const short = frame[1]!;
  if (short < 126) return textAt(frame, 2, short);
  if (short === 126) {
    expect(frame.readUInt16BE(2)).toBeGreaterThan(125);
    return textAt(frame, 4, frame.readUInt16BE(2));
  }
  expect(short).toBe(127);
  expect(frame.readBigUInt64BE(2)).toBeGreaterThan(65_535n);
  return textAt(frame, 10, Number(frame.readBigUInt64BE(2)));
}

function textAt(frame: Buffer, start: number, length: number): string {
  expect(frame.length).toBe(start + length);
  return frame.toString('utf8', start);
}

/** Any, but for halves of surrogate pairs, which UTF-8 has no bytes for. */
const character = fc
  .integer({ min: 0, max: 0xd7ff })
  .map((code) => String.fromCodePoint(code % 3 === 0 ? code : code + 0xe000));

test('textFrame() writes any text', () => {
  fc.assert(
    fc.property(fc.array(character), (characters) => {
      const text = characters.join('');
      expect(read(textFrame(text))).toBe(text);
    }),
  );
});

test.each([0, 125, 126, 65_535, 65_536, 200_000])('textFrame() writes %i bytes', (length) => {
  const text = 'x'.repeat(length);
  expect(read(textFrame(text))).toBe(text);
  if (length > 1) expect(read(textFrame('é'.repeat(length / 2)))).toBe('é'.repeat(length / 2));
});

import { describe, expect, test } from 'vitest';
import { checkPieceLength, choosePieceLength } from './piece-length.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('choosePieceLength()', () => {
  test.each([
    [0, 16 * KIB],
    [343_691, 16 * KIB],
    [2000 * 16 * KIB, 16 * KIB],
    [2000 * 16 * KIB + 1, 32 * KIB],
    [1024 * MIB, MIB],
    [2000 * 16 * MIB, 16 * MIB],
    [2 ** 50, 16 * MIB],
  ])('choosePieceLength() of %d bytes is %d', (length, pieceLength) => {
    expect(choosePieceLength(length)).toBe(pieceLength);
  });
});

describe('checkPieceLength()', () => {
  test('checkPieceLength() refuses what is no piece length, in v2 also what is no power of two from 16 KiB', () => {
    for (const bad of [0, -1, 1.5, Number.NaN, 65 * MIB])
      expect(() => checkPieceLength(bad, false)).toThrow();
    for (const bad of [1, 8 * KIB, 24 * KIB]) {
      expect(() => checkPieceLength(bad, true)).toThrow(/power of two/);
      expect(() => checkPieceLength(bad, false)).not.toThrow();
    }
    expect(() => checkPieceLength(64 * MIB, true)).not.toThrow();
  });
});

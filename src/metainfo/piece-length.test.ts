import { describe, expect, test } from 'vitest';
import { checkPieceLength, choosePieceLength } from './piece-length.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

describe('choosePieceLength()', () => {
  test.each([
    [0, 16 * KIB],
    [343_691, 16 * KIB],
    [2000 * 16 * KIB, 16 * KIB],
    [2000 * 16 * KIB + 1, 32 * KIB],
    [256 * MIB, 256 * KIB],
    [GIB, 512 * KIB],
    [4 * GIB, MIB],
    [4 * GIB + 1, 2 * MIB],
    [16 * GIB, 2 * MIB],
    [64 * GIB, 4 * MIB],
    [1024 * GIB, 16 * MIB],
    [2 ** 50, 16 * MIB],
  ])('choosePieceLength() of one file of %d bytes is %d, in every version', (length, pieceLength) => {
    for (const version of ['v1', 'v2', 'hybrid'] as const)
      expect(choosePieceLength([length], version)).toBe(pieceLength);
  });

  test.each([
    ['300 files of 9 bytes', 300, 9, 16 * KIB],
    ['6,504 files of 42 KB', 6504, 42_600, 16 * KIB],
    ['80,000 files of 16 KB', 80_000, 16_200, 16 * KIB],
    ['1,000 files of 5 MB', 1000, 5_000_000, MIB],
    ['12 files of 30 MB', 12, 30_000_000, 256 * KIB],
  ])(
    'choosePieceLength() of %s keeps the pads small in a hybrid and in v2',
    (_, count, length, pieceLength) => {
      const lengths = new Array<number>(count).fill(length);
      expect(choosePieceLength(lengths, 'hybrid')).toBe(pieceLength);
      expect(choosePieceLength(lengths, 'v2')).toBe(pieceLength);
      expect(choosePieceLength(lengths, 'v1')).toBe(choosePieceLength([count * length], 'v1'));
    },
  );

  test('choosePieceLength() limits the number of pieces of a large file beside many small ones', () => {
    const lengths = [...new Array<number>(10_000).fill(100), 4 * GIB];
    const pieceLength = choosePieceLength(lengths, 'hybrid');
    expect(pieceLength).toBe(128 * KIB);
    expect((4 * GIB) / pieceLength).toBeLessThan(8 * 4097);
  });
});

describe('checkPieceLength()', () => {
  test('checkPieceLength() refuses a bad piece length, and in v2 any but a power of two from 16 KiB', () => {
    for (const bad of [0, -1, 1.5, Number.NaN, 513 * MIB])
      expect(() => checkPieceLength(bad, false)).toThrow(/^Cannot make a torrent: the piece length must be/);
    for (const bad of [1, 8 * KIB, 24 * KIB]) {
      expect(() => checkPieceLength(bad, true)).toThrow(/power of two/);
      expect(() => checkPieceLength(bad, false)).not.toThrow();
    }
    expect(() => checkPieceLength(512 * MIB, true)).not.toThrow();
  });
});

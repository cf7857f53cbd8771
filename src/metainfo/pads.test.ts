import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode } from '../bencode/index.ts';
import type { Metainfo } from './metainfo.ts';
import { dataLengthAt, Pads } from './pads.ts';
import { parseMetainfo } from './parse.ts';
import { pieceLengthAt } from './piece.ts';

const BLOCK = 4;

/** Makes a v1 torrent of files, each with its number of pad bytes behind it. */
function padded(files: readonly (readonly [length: number, pad: number])[], pieceLength: number): Metainfo {
  const list = files.flatMap(([length, pad], at) => [
    { length, path: [String(at)] },
    { attr: 'p', length: pad, path: ['.pad', String(pad)] },
  ]);
  const length = files.flat().reduce((sum, part) => sum + part, 0);
  const pieces = new Uint8Array(Math.ceil(length / pieceLength) * 20);
  return parseMetainfo(encode({ info: { files: list, name: 'a', 'piece length': pieceLength, pieces } }));
}

/** Tells of each byte of the stream whether it belongs to a file. */
function isData({ files, streamLength }: Metainfo): boolean[] {
  const stream = new Array<boolean>(streamLength).fill(false);
  for (const { offset, length } of files) stream.fill(true, offset, offset + length);
  return stream;
}

describe('Pads', () => {
  test('Pads agrees with a map of all bytes on the file bytes of each piece and each block', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(20), fc.nat(30)), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 13 }),
        (files, pieceLength) => {
          const metainfo = padded(files, pieceLength);
          const stream = isData(metainfo);
          const pads = Pads.of(metainfo);
          expect(pads === undefined).toBe(stream.every(Boolean));
          if (pads === undefined) return;
          const whole: number[] = [];
          for (let index = 0; index < metainfo.pieceCount; index += 1) {
            const piece = stream.slice(index * pieceLength, (index + 1) * pieceLength);
            const found = piece.map(() => true);
            pads.visit(index, (begin, length) => found.fill(false, begin, begin + length));
            expect(found).toEqual(piece);
            expect(pads.dataLengthAt(index)).toBe(piece.filter(Boolean).length);
            if (!piece.includes(true)) whole.push(index);
            const wanted: number[] = [];
            for (let begin = 0; begin < piece.length; begin += BLOCK)
              wanted.push(piece.slice(begin, begin + BLOCK).lastIndexOf(true) + 1);
            const lengths = pads.wantedLengthsAt(index, BLOCK);
            if (piece.every(Boolean)) expect(lengths).toBeUndefined();
            else expect([...lengths!]).toEqual(wanted);
          }
          expect([...pads.wholePieces()]).toEqual(whole);
        },
      ),
    );
  });

  test('Pads.of() is undefined for torrents without pad bytes, whose pieces are all data', () => {
    const metainfo = padded([[10, 0]], 4);
    expect(Pads.of(metainfo)).toBeUndefined();
    expect(dataLengthAt(metainfo, undefined, 2)).toBe(pieceLengthAt(metainfo, 2));
  });

  test('Pads takes a pad file of 4 TiB behind thousands of empty files within 5 seconds', () => {
    const pieceLength = 2 ** 24;
    const files = [[1, 0], ...Array.from({ length: 5000 }, () => [0, 0] as const), [0, 2 ** 42]] as const;
    const pads = Pads.of(padded(files, pieceLength))!;
    const startedAt = performance.now();
    const whole = [...pads.wholePieces()];
    for (const index of whole) pads.dataLengthAt(index);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(whole).toHaveLength(2 ** 42 / pieceLength);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMetainfo, encodeMetainfo } from './encode.ts';
import { MetainfoError } from './errors.ts';
import { layOutFiles } from './layout.ts';
import { leavesPerPiece, pieceLayerRoot, pieceRoot } from './merkle.ts';
import type { NewMetainfo } from './new-metainfo.ts';
import { parseMetainfo } from './parse.ts';
import { expectedPieceHash, fileAt, pieceLengthAt } from './piece.ts';

const PIECE_LENGTH = 32_768;

/** A torrent of files with these lengths, whose bytes are all `1`. */
function torrentOf(version: NewMetainfo['version'], lengths: readonly number[]): NewMetainfo {
  const isAligned = version !== 'v1';
  const { streamLength } = layOutFiles(lengths, isAligned ? PIECE_LENGTH : undefined);
  const files = lengths.map((length, index) => {
    const path = [`file ${String(index).padStart(3, '0')}`];
    if (length === 0 || !isAligned) return { path, length };
    const layer: Uint8Array[] = [];
    for (let start = 0; start < length; start += PIECE_LENGTH) {
      const data = new Uint8Array(Math.min(PIECE_LENGTH, length - start)).fill(1);
      layer.push(pieceRoot(data, leavesPerPiece(length, PIECE_LENGTH)));
    }
    const pieceLayer = Buffer.concat(layer);
    return { path, length, pieceLayer, piecesRoot: pieceLayerRoot(pieceLayer, PIECE_LENGTH) };
  });
  const pieces = new Uint8Array(Math.ceil(streamLength / PIECE_LENGTH) * 20);
  for (const at of pieces.keys()) pieces[at] = at % 251;
  return {
    version,
    name: 'folder',
    isSingleFile: false,
    pieceLength: PIECE_LENGTH,
    files,
    ...(version !== 'v2' && { pieces }),
  };
}

const anyVersion = fc.constantFrom('v1', 'v2', 'hybrid');
const anyLengths = fc.array(
  fc.oneof(
    fc.constantFrom(0, 1, 16_384, 32_767, 32_768, 32_769, 65_536),
    fc.integer({ min: 0, max: 150_000 }),
  ),
  { minLength: 1, maxLength: 6 },
);

describe('createMetainfo()', () => {
  test('createMetainfo() makes a torrent that parseMetainfo() reads back, in every version', () => {
    fc.assert(
      fc.property(anyVersion, anyLengths, (version, lengths) => {
        const metainfo = createMetainfo(torrentOf(version, lengths));
        expect(metainfo.version).toBe(version);
        expect(metainfo.files.map((file) => file.length)).toEqual(lengths);
        expect(parseMetainfo(encodeMetainfo(metainfo), { strict: true })).toEqual(metainfo);
      }),
      { numRuns: 60 },
    );
  });

  test('createMetainfo() ends the stream with the last file that is not empty', () => {
    fc.assert(
      fc.property(anyVersion, anyLengths, (version, lengths) => {
        const { streamLength } = layOutFiles(lengths, version === 'v1' ? undefined : PIECE_LENGTH);
        expect(createMetainfo(torrentOf(version, lengths)).streamLength).toBe(streamLength);
      }),
      { numRuns: 60, examples: [['hybrid', [10, 0]]] },
    );
  });

  test('createMetainfo() gives the same info-hash, whatever the keys outside of the info', () => {
    const torrent = torrentOf('hybrid', [100_000, 5]);
    const plain = createMetainfo(torrent);
    const adorned = createMetainfo({
      ...torrent,
      announceList: [['http://a/', 'http://b/'], ['http://c/']],
      comment: 'C',
      createdBy: 'B',
      creationDate: 1,
    });
    expect(adorned.infoHash).toBe(plain.infoHash);
    expect(adorned).toMatchObject({ comment: 'C', createdBy: 'B', creationDate: 1 });
    expect(adorned.announceList).toEqual([['http://a/', 'http://b/'], ['http://c/']]);
    expect(plain.announceList).toEqual([]);
    expect(createMetainfo({ ...torrent, isPrivate: true })).toMatchObject({ isPrivate: true });
  });

  test('createMetainfo() refuses files whose paths collide, and a single file of another name', () => {
    const torrent = torrentOf('v2', [5, 5]);
    const [a, b] = torrent.files;
    const clash = {
      ...torrent,
      files: [
        { ...a!, path: ['x'] },
        { ...b!, path: ['x', 'y'] },
      ],
    };
    expect(() => createMetainfo(clash)).toThrow(MetainfoError);
    expect(() => createMetainfo({ ...torrentOf('v1', [5]), isSingleFile: true })).toThrow(MetainfoError);
  });

  test('createMetainfo() refuses files of a hybrid that are not in the order of the tree', () => {
    const torrent = torrentOf('hybrid', [5, 6]);
    expect(() => createMetainfo({ ...torrent, files: torrent.files.toReversed() })).toThrow(
      /different files/,
    );
  });
});

describe('encodeMetainfo()', () => {
  test('encodeMetainfo() keeps the info byte for byte, and replaces the keys outside of it', () => {
    const metainfo = createMetainfo({
      ...torrentOf('v2', [70_000]),
      announceList: [['http://a/']],
      comment: 'C',
    });
    const other = parseMetainfo(encodeMetainfo(metainfo, { announceList: [['http://b/']] }));
    expect(other.infoBytes).toEqual(metainfo.infoBytes);
    expect(other.announceList).toEqual([['http://b/']]);
    expect(other.comment).toBeUndefined();
    expect(other.pieceLayers).toEqual(metainfo.pieceLayers);
  });
});

describe('pieceLengthAt() and expectedPieceHash()', () => {
  test('pieceLengthAt() of all pieces adds up to the stream, in v2 without its gaps', () => {
    fc.assert(
      fc.property(anyVersion, anyLengths, (version, lengths) => {
        const metainfo = createMetainfo(torrentOf(version, lengths));
        let sum = 0;
        for (let index = 0; index < metainfo.pieceCount; index += 1) sum += pieceLengthAt(metainfo, index);
        expect(sum).toBe(version === 'v2' ? metainfo.length : metainfo.streamLength);
      }),
      { numRuns: 60 },
    );
  });

  test('expectedPieceHash() gives the hashes of the bytes of the piece', () => {
    fc.assert(
      fc.property(anyVersion, anyLengths, (version, lengths) => {
        const metainfo = createMetainfo(torrentOf(version, lengths));
        for (let index = 0; index < metainfo.pieceCount; index += 1) {
          const { sha1, root } = expectedPieceHash(metainfo, index);
          expect(sha1?.[0]).toBe(version === 'v2' ? undefined : (index * 20) % 251);
          expect(root === undefined).toBe(version === 'v1');
          if (!root) continue;
          expect(root.dataLength).toBeLessThanOrEqual(pieceLengthAt(metainfo, index));
          const data = new Uint8Array(root.dataLength).fill(1);
          expect(Buffer.from(pieceRoot(data, root.leafCount))).toEqual(Buffer.from(root.hash));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('fileAt() gives the file of a byte, and in a gap the file before it', () => {
    const metainfo = createMetainfo(torrentOf('hybrid', [0, 10, 0, 40_000, 0, 5]));
    const lengthAt = (position: number): number => fileAt(metainfo, position).length;
    expect([0, 9, 10, 32_767, 32_768, 72_767, 72_768, 98_304].map(lengthAt)).toEqual([
      10, 10, 10, 10, 40_000, 40_000, 40_000, 5,
    ]);
  });

  test('pieceLengthAt() and expectedPieceHash() refuse a piece that does not exist', () => {
    const metainfo = createMetainfo(torrentOf('v2', [5]));
    expect(() => pieceLengthAt(metainfo, 1)).toThrow(RangeError);
    expect(() => expectedPieceHash(metainfo, -1)).toThrow(RangeError);
  });
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Encodable, encode } from '../bencode/index.ts';
import { MetainfoError, type MetainfoErrorCode } from './errors.ts';
import { pieceLayerRoot } from './merkle.ts';
import { parseMetainfo } from './parse.ts';

type Info = Record<string, Encodable | undefined>;

const SHA1 = new Uint8Array(20).fill(7);
const ROOT = new Uint8Array(32).fill(8);
const LAYER = new Uint8Array(64).fill(9);
const LAYER_ROOT = pieceLayerRoot(LAYER, 16384);
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const repeat = (bytes: Uint8Array, times: number): Uint8Array =>
  Buffer.concat(Array.from({ length: times }, () => bytes));

/** A v2 torrent of one file of two pieces, and an empty one. */
const tree = {
  a: { '': { length: 20_000, 'pieces root': LAYER_ROOT } },
  b: { '': { length: 0 } },
  c: { '': { length: 5, 'pieces root': ROOT } },
};
const v2: Info = { name: 'folder', 'piece length': 16384, 'meta version': 2, 'file tree': tree };
const layers = { 'piece layers': new Map([[latin1(LAYER_ROOT), LAYER]]) };
const hybrid: Info = {
  ...v2,
  files: [
    { length: 20_000, path: ['a'] },
    { length: 0, path: ['b'] },
    { length: 12_768, path: ['.pad', '12768'], attr: 'p' },
    { length: 5, path: ['c'] },
  ],
  pieces: repeat(SHA1, 3),
};

const torrent = (info: Info, around: Info = {}): Uint8Array => encode({ info, ...around });
const parse = (info: Info, around?: Info) => parseMetainfo(torrent(info, around));

function errorOf(work: () => unknown): MetainfoError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof MetainfoError) return error;
    throw error;
  }
}

describe('parseMetainfo() of v2', () => {
  test('parseMetainfo() starts each file on a piece boundary', () => {
    expect(parse(v2, layers)).toMatchObject({
      version: 'v2',
      isSingleFile: false,
      pieceCount: 3,
      length: 20_005,
      streamLength: 32_773,
      files: [
        { path: ['a'], length: 20_000, offset: 0 },
        { path: ['b'], length: 0, offset: 32_768 },
        { path: ['c'], length: 5, offset: 32_768 },
      ],
    });
    expect(parse(v2, layers).pieces).toBeUndefined();
    expect(parse(v2, layers).pieceLayers!.size).toBe(1);
  });

  test('parseMetainfo() gives a v2 torrent the first 20 bytes of its SHA-256 as info-hash', () => {
    const metainfo = parse(v2, layers);
    expect(metainfo.infoHashV2).toBe(createHash('sha256').update(encode(v2)).digest('hex'));
    expect(metainfo.infoHash).toBe(metainfo.infoHashV2!.slice(0, 40));
    expect(metainfo.infoHashV1).toBeUndefined();
  });

  test('parseMetainfo() reads a single-file torrent when the only file has the name of the torrent', () => {
    const lone = { c: tree.c };
    expect(parse({ ...v2, name: 'c', 'file tree': lone }).isSingleFile).toBe(true);
    expect(parse({ ...v2, name: 'folder', 'file tree': lone }).isSingleFile).toBe(false);
  });

  test.each<[string, Info, Info, MetainfoErrorCode]>([
    ['version 3', { ...v2, 'meta version': 3 }, layers, 'UNSUPPORTED_VERSION'],
    ['version 1', { ...v2, 'meta version': 1 }, layers, 'UNSUPPORTED_VERSION'],
    ['a version that is no number', { ...v2, 'meta version': 'two' }, layers, 'UNSUPPORTED_VERSION'],
    ['no file tree', { ...v2, 'file tree': undefined }, layers, 'BAD_FIELD'],
    ['an empty file tree', { ...v2, 'file tree': {} }, layers, 'BAD_FIELD'],
    ['a tree that is a file itself', { ...v2, 'file tree': { '': { length: 0 } } }, layers, 'BAD_FIELD'],
    ['a tree of numbers', { ...v2, 'file tree': { a: 1 } }, layers, 'BAD_FIELD'],
    ['a file of a number', { ...v2, 'file tree': { a: { '': 1 } } }, layers, 'BAD_FIELD'],
    [
      'a file that is also a folder',
      { ...v2, 'file tree': { a: { '': { length: 0 }, x: tree.b } } },
      layers,
      'BAD_FIELD',
    ],
    ['a file without a length', { ...v2, 'file tree': { a: { '': {} } } }, layers, 'BAD_FIELD'],
    ['a file without a root', { ...v2, 'file tree': { a: { '': { length: 1 } } } }, layers, 'BAD_FIELD'],
    [
      'a root of 31 bytes',
      { ...v2, 'file tree': { a: { '': { length: 1, 'pieces root': ROOT.subarray(1) } } } },
      layers,
      'BAD_FIELD',
    ],
    [
      'a root of zeros',
      { ...v2, 'file tree': { a: { '': { length: 1, 'pieces root': new Uint8Array(32) } } } },
      layers,
      'BAD_FIELD',
    ],
    ['a pad file', { ...v2, 'file tree': { a: { '': { length: 0, attr: 'p' } } } }, layers, 'BAD_FIELD'],
    [
      'nothing but a symbolic link',
      { ...v2, 'file tree': { a: { '': { length: 0, attr: 'xl' } } } },
      layers,
      'SYMLINK',
    ],
    ['a piece length that is no power of two', { ...v2, 'piece length': 16385 }, layers, 'BAD_FIELD'],
    ['a piece length below 16 KiB', { ...v2, 'piece length': 8192 }, layers, 'BAD_FIELD'],
    ['no piece layers', v2, {}, 'BAD_PIECE_LAYERS'],
    ['a missing layer', v2, { 'piece layers': {} }, 'BAD_PIECE_LAYERS'],
    [
      'a layer that is too short',
      v2,
      { 'piece layers': new Map([[latin1(LAYER_ROOT), LAYER.subarray(32)]]) },
      'BAD_PIECE_LAYERS',
    ],
    [
      'a layer with another root',
      v2,
      { 'piece layers': new Map([[latin1(LAYER_ROOT), new Uint8Array(64)]]) },
      'BAD_PIECE_LAYERS',
    ],
  ])('parseMetainfo() refuses %s', (_, info, around, code) => {
    expect(errorOf(() => parse(info, around))?.code).toBe(code);
  });

  test.each([
    ['a file tree out of order', 'd1:bFILE1:aFILEe'],
    ['a file that stands twice', 'd1:aFILE1:aFILEe'],
    ['leading zeros', 'd1:ad0:d6:lengthi00eeee'],
  ])('parseMetainfo() refuses %s, because BEP 52 requires strict bencode', (_, tree) => {
    const files = tree.replaceAll('FILE', 'd0:d6:lengthi0eee');
    const bytes = `d4:infod9:file tree${files}12:meta versioni2e4:name1:n12:piece lengthi16384eee`;
    expect(errorOf(() => parseMetainfo(Buffer.from(bytes)))?.code).toBe('NOT_BENCODE');
  });

  test('parseMetainfo() ignores the root of an empty file', () => {
    for (const root of [ROOT, new Uint8Array(32), '']) {
      const files = parse({ ...v2, 'file tree': { a: { '': { length: 0, 'pieces root': root } } } }).files;
      expect(files).toEqual([{ path: ['a'], length: 0, offset: 0 }]);
    }
  });

  test('parseMetainfo() ignores empty folders of the tree', () => {
    expect(parse({ ...v2, 'file tree': { ...tree, d: {}, e: { f: {} } } }, layers).files.length).toBe(3);
  });

  test('parseMetainfo() reads symbolic links of the tree apart from the files, and keeps attributes', () => {
    const linked = {
      a: { '': { attr: 'l', 'symlink path': ['c'] } },
      c: { '': { length: 5, 'pieces root': ROOT, attr: 'hx?' } },
    };
    const metainfo = parse({ ...v2, 'file tree': linked });
    expect(metainfo.files).toEqual([{ path: ['c'], length: 5, offset: 0, piecesRoot: ROOT, attr: 'xh' }]);
    expect(metainfo.symlinks).toEqual([{ path: ['a'], target: ['c'] }]);
    expect(metainfo.warnings).toEqual([]);
  });

  test('parseMetainfo() ignores piece layers that belong to no file', () => {
    const more = new Map([
      [latin1(LAYER_ROOT), LAYER],
      ['x', LAYER],
      [latin1(ROOT), new Uint8Array(5)],
    ]);
    expect(parse(v2, { 'piece layers': more }).pieceLayers!.size).toBe(1);
  });

  test('parseMetainfo() names the file whose piece layer is missing in a v2 torrent', () => {
    expect(errorOf(() => parse(v2))?.message).toContain('the hashes of the pieces of "a" are missing');
  });
});

describe('parseMetainfo() of a hybrid', () => {
  test('parseMetainfo() gives both info-hashes, and lists each file once', () => {
    const metainfo = parse(hybrid, layers);
    expect(metainfo).toMatchObject({
      version: 'hybrid',
      pieceCount: 3,
      streamLength: 32_773,
      length: 20_005,
    });
    expect(metainfo.infoHash).toBe(createHash('sha1').update(encode(hybrid)).digest('hex'));
    expect(metainfo.infoHash).toBe(metainfo.infoHashV1);
    expect(metainfo.infoHashV2).toBe(createHash('sha256').update(encode(hybrid)).digest('hex'));
    expect(metainfo.files.map((file) => file.offset)).toEqual([0, 32_768, 32_768]);
  });

  test('parseMetainfo() takes a pad file behind the last file', () => {
    const files = [
      ...(hybrid['files'] as Encodable[]),
      { length: 16_379, path: ['.pad', '16379'], attr: 'p' },
    ];
    expect(parse({ ...hybrid, files }, layers).streamLength).toBe(49_152);
  });

  test.each<[string, Encodable[]]>([
    [
      'another length',
      [
        { length: 20_001, path: ['a'] },
        { length: 0, path: ['b'] },
        { length: 12_767, attr: 'p' },
        { length: 5, path: ['c'] },
      ],
    ],
    [
      'another path',
      [
        { length: 20_000, path: ['a'] },
        { length: 0, path: ['x'] },
        { length: 12_768, attr: 'p' },
        { length: 5, path: ['c'] },
      ],
    ],
    [
      'another order',
      [
        { length: 0, path: ['b'] },
        { length: 20_000, path: ['a'] },
        { length: 12_768, attr: 'p' },
        { length: 5, path: ['c'] },
      ],
    ],
    [
      'another offset',
      [
        { length: 20_000, path: ['a'] },
        { length: 0, path: ['b'] },
        { length: 12_769, attr: 'p' },
        { length: 5, path: ['c'] },
      ],
    ],
    [
      'a file too many',
      [
        { length: 20_000, path: ['a'] },
        { length: 0, path: ['b'] },
        { length: 12_768, attr: 'p' },
        { length: 5, path: ['c'] },
        { length: 0, path: ['d'] },
      ],
    ],
  ])('parseMetainfo() refuses a v1 half with %s', (_, files) => {
    expect(errorOf(() => parse({ ...hybrid, files }, layers))?.code).toBe('HYBRID_MISMATCH');
  });

  test('parseMetainfo() refuses a v1 half with more pieces than the v2 half', () => {
    const files = [...(hybrid['files'] as Encodable[]), { length: 16_380, attr: 'p' }];
    const more = { ...hybrid, files, pieces: repeat(SHA1, 4) };
    expect(errorOf(() => parse(more, layers))?.code).toBe('HYBRID_MISMATCH');
  });
});

describe('parseMetainfo() of a hybrid without its piece layers', () => {
  test.each<[string, Info]>([
    ['missing', {}],
    ['no dictionary', { 'piece layers': 5 }],
    ['empty', { 'piece layers': {} }],
    ['too short', { 'piece layers': new Map([[latin1(LAYER_ROOT), LAYER.subarray(32)]]) }],
    ['damaged', { 'piece layers': new Map([[latin1(LAYER_ROOT), new Uint8Array(64)]]) }],
  ])('parseMetainfo() uses the v1 half when they are %s', (_, around) => {
    const metainfo = parse(hybrid, around);
    expect(metainfo).toMatchObject({
      version: 'v1',
      infoHash: parse(hybrid, layers).infoHash,
      pieceCount: 3,
      length: 20_005,
    });
    expect(metainfo.infoHashV2).toBeUndefined();
    expect(metainfo.pieceLayers).toBeUndefined();
    expect(metainfo.files.every((file) => file.piecesRoot === undefined)).toBe(true);
    expect(metainfo.warnings[0]).toMatch(/^Only the v1 half of this hybrid torrent is used\. /);
    expect(errorOf(() => parseMetainfo(torrent(hybrid, around), { strict: true }))?.code).toBe(
      'BAD_PIECE_LAYERS',
    );
  });
});

describe('parseMetainfo() of a damaged v2 or hybrid torrent', () => {
  test('parseMetainfo() throws nothing but MetainfoError, whatever the damage', () => {
    const torrents = [torrent(v2, layers), torrent(hybrid, layers)];
    const mutation = fc.record({
      at: fc.nat(),
      remove: fc.integer({ min: 0, max: 3 }),
      insert: fc.uint8Array({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...torrents),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (bytes, mutations) => {
          let mutated = [...bytes];
          for (const { at, remove, insert } of mutations) {
            mutated = mutated.toSpliced(at % mutated.length, remove, ...insert);
          }
          errorOf(() => parseMetainfo(Uint8Array.from(mutated)));
        },
      ),
      { numRuns: 3000 },
    );
  });
});

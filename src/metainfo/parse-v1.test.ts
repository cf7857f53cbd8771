import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Encodable, encode } from '../bencode/index.ts';
import { MetainfoError, type MetainfoErrorCode } from './errors.ts';
import { parseMetainfo } from './parse.ts';

type Info = Record<string, Encodable | undefined>;

const SHA1 = new Uint8Array(20).fill(7);
const repeat = (bytes: Uint8Array, times: number): Uint8Array =>
  Buffer.concat(Array.from({ length: times }, () => bytes));

/** A v1 torrent of one file of 20,000 bytes. */
const single: Info = { name: 'a', 'piece length': 16384, length: 20_000, pieces: repeat(SHA1, 2) };
const several: Info = {
  name: 'folder',
  'piece length': 16384,
  files: [
    { length: 10_000, path: ['a'] },
    { length: 6384, path: ['.pad', '6384'], attr: 'p' },
    { length: 5, path: ['b', 'c'], attr: 'x' },
  ],
  pieces: repeat(SHA1, 2),
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

describe('parseMetainfo() of v1', () => {
  test('parseMetainfo() reads a single file', () => {
    expect(parse(single)).toMatchObject({
      version: 'v1',
      name: 'a',
      isSingleFile: true,
      pieceLength: 16384,
      pieceCount: 2,
      length: 20_000,
      streamLength: 20_000,
      files: [{ path: ['a'], length: 20_000, offset: 0 }],
      isPrivate: false,
      announceList: [],
    });
    expect(parse({ ...single, private: 1 }).isPrivate).toBe(true);
  });

  test('parseMetainfo() leaves pad files out and counts their bytes', () => {
    expect(parse(several)).toMatchObject({
      isSingleFile: false,
      length: 10_005,
      streamLength: 16_389,
      files: [
        { path: ['a'], length: 10_000, offset: 0 },
        { path: ['b', 'c'], length: 5, offset: 16_384 },
      ],
    });
  });

  test('parseMetainfo() takes a pad file without a path', () => {
    const files = [
      { length: 16_384, path: ['a'] },
      { length: 5, attr: 'p' },
    ];
    expect(parse({ ...several, files })).toMatchObject({ length: 16_384, streamLength: 16_389 });
  });

  test('parseMetainfo() takes an empty file', () => {
    expect(parse({ ...single, length: 0, pieces: '' })).toMatchObject({ pieceCount: 0, length: 0 });
  });

  test('parseMetainfo() takes the info-hash over the original bytes, unsorted as they may be', () => {
    const info = Buffer.from(
      `d6:pieces20:${Buffer.from(SHA1).toString('latin1')}4:name1:a6:lengthi5e12:piece lengthi16384ee`,
      'latin1',
    );
    const bytes = Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('8:announce3:urle')]);
    expect(parseMetainfo(bytes).infoHash).toBe(createHash('sha1').update(info).digest('hex'));
    expect(errorOf(() => parseMetainfo(bytes, { strict: true }))?.code).toBe('NOT_BENCODE');
  });

  test('parseMetainfo() prefers names in UTF-8', () => {
    expect(parse({ ...single, name: 'gr\ufffd', 'name.utf-8': 'grün' }).files[0]!.path).toEqual(['grün']);
    const files = [{ length: 20_000, path: ['x'], 'path.utf-8': ['ü', 'y'] }];
    expect(parse({ ...several, files }).files[0]!.path).toEqual(['ü', 'y']);
  });

  test('parseMetainfo() reads trackers in tiers, or else the one tracker', () => {
    expect(parse(single, { announce: 'http://a/' }).announceList).toEqual([['http://a/']]);
    expect(parse(single, { announce: 'http://a/', 'announce-list': [] }).announceList).toEqual([
      ['http://a/'],
    ]);
    const list = {
      announce: 'http://a/',
      'announce-list': [['http://b/', 'http://c/'], [], ['http://d/', 7]],
    };
    expect(parse(single, list).announceList).toEqual([['http://b/', 'http://c/'], ['http://d/']]);
  });

  test('parseMetainfo() reads what stands around the info', () => {
    const around = { comment: 'C', 'created by': 'B', 'creation date': 1_700_000_000 };
    expect(parse(single, around)).toMatchObject({
      comment: 'C',
      createdBy: 'B',
      creationDate: 1_700_000_000,
    });
  });

  test.each<[string, Info, MetainfoErrorCode]>([
    ['no name', { ...single, name: undefined }, 'BAD_FIELD'],
    ['a name that leads elsewhere', { ...single, name: '../a' }, 'BAD_NAME'],
    ['no piece length', { ...single, 'piece length': undefined }, 'BAD_FIELD'],
    ['a piece length of 0', { ...single, 'piece length': 0 }, 'BAD_FIELD'],
    ['a negative piece length', { ...single, 'piece length': -16384 }, 'BAD_FIELD'],
    ['a huge piece length', { ...single, 'piece length': 2 ** 27 }, 'BAD_FIELD'],
    ['no length', { ...single, length: undefined }, 'BAD_FIELD'],
    ['a negative length', { ...single, length: -1 }, 'BAD_FIELD'],
    ['a length beyond 2^53', { ...single, length: 2n ** 62n }, 'BAD_FIELD'],
    ['length and files', { ...several, length: 5 }, 'BAD_FIELD'],
    ['no pieces', { ...single, pieces: undefined }, 'BAD_PIECES'],
    ['pieces that are no multiple of 20', { ...single, pieces: new Uint8Array(39) }, 'BAD_PIECES'],
    ['too few pieces', { ...single, pieces: SHA1 }, 'BAD_PIECES'],
    ['too many pieces', { ...single, pieces: repeat(SHA1, 3) }, 'BAD_PIECES'],
    ['a symbolic link', { ...single, attr: 'l' }, 'SYMLINK'],
    ['no files', { ...several, files: [] }, 'BAD_FIELD'],
    ['files that are no list', { ...several, files: 5 }, 'BAD_FIELD'],
    ['a file that is no dictionary', { ...several, files: ['a'] }, 'BAD_FIELD'],
    ['a file without a path', { ...several, files: [{ length: 20_000 }] }, 'BAD_FIELD'],
    ['an empty path', { ...several, files: [{ length: 20_000, path: [] }] }, 'BAD_FIELD'],
    ['a path of a number', { ...several, files: [{ length: 20_000, path: [1] }] }, 'BAD_FIELD'],
    ['a path that leads up', { ...several, files: [{ length: 20_000, path: ['..', 'a'] }] }, 'BAD_NAME'],
    ['an absolute path', { ...several, files: [{ length: 20_000, path: ['/etc/passwd'] }] }, 'BAD_NAME'],
    [
      'a symbolic link among files',
      { ...several, files: [{ length: 0, path: ['a'], attr: 'l' }] },
      'SYMLINK',
    ],
    [
      'two files at one place',
      {
        ...several,
        files: [
          { length: 10_000, path: ['a'] },
          { length: 10_000, path: ['A'] },
        ],
      },
      'DUPLICATE_PATH',
    ],
    [
      'lengths that add up to more than 2^53',
      { ...several, files: Array.from({ length: 3 }, (_, at) => ({ length: 2 ** 52, path: [String(at)] })) },
      'BAD_FIELD',
    ],
    [
      'more pieces than are taken',
      { ...single, 'piece length': 1, length: 500_001, pieces: new Uint8Array(10_000_020) },
      'TOO_LARGE',
    ],
    [
      'more files than are taken',
      {
        ...several,
        files: Array.from({ length: 100_001 }, (_, at) => ({ length: 0, path: [String(at)] })),
        pieces: '',
      },
      'TOO_LARGE',
    ],
  ])('parseMetainfo() refuses %s', (_, info, code) => {
    expect(errorOf(() => parse(info))?.code).toBe(code);
  });

  test('parseMetainfo() refuses what is no torrent', () => {
    for (const text of [
      '',
      '<html>',
      'd',
      'de',
      'le',
      'i1e',
      'd4:infoi1ee',
      'd4:info',
      'l'.repeat(100_000),
    ]) {
      expect(['NOT_BENCODE', 'BAD_FIELD']).toContain(errorOf(() => parseMetainfo(Buffer.from(text)))?.code);
    }
    expect(errorOf(() => parseMetainfo(new Uint8Array(16 * 1024 * 1024 + 1)))?.code).toBe('NOT_BENCODE');
  });
});

describe('parseMetainfo() of a damaged v1 torrent', () => {
  test('parseMetainfo() throws nothing but MetainfoError, whatever is done to a torrent', () => {
    const torrents = [torrent(single), torrent(several)];
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

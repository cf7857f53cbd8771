import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bencoded, type Encodable, encode } from '../bencode/index.ts';
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

  test('parseMetainfo() takes the info-hash over the original bytes, even if their keys are not sorted', () => {
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

  test('parseMetainfo() reads the tiers of trackers, or else the single tracker', () => {
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

  test('parseMetainfo() reads the comment, the program and the date of creation', () => {
    const around = { comment: 'C', 'created by': 'B', 'creation date': 1_700_000_000 };
    expect(parse(single, around)).toMatchObject({
      comment: 'C',
      createdBy: 'B',
      creationDate: 1_700_000_000,
    });
  });

  test.each<[string, Info, MetainfoErrorCode]>([
    ['no name', { ...single, name: undefined }, 'BAD_FIELD'],
    ['no piece length', { ...single, 'piece length': undefined }, 'BAD_FIELD'],
    ['a piece length of 0', { ...single, 'piece length': 0 }, 'BAD_FIELD'],
    ['a negative piece length', { ...single, 'piece length': -16384 }, 'BAD_FIELD'],
    ['a huge piece length', { ...single, 'piece length': 2 ** 30 }, 'BAD_FIELD'],
    ['no length', { ...single, length: undefined }, 'BAD_FIELD'],
    ['a negative length', { ...single, length: -1 }, 'BAD_FIELD'],
    ['a length beyond 2^53', { ...single, length: 2n ** 62n }, 'BAD_FIELD'],
    ['no pieces', { ...single, pieces: undefined }, 'BAD_PIECES'],
    ['pieces that are no multiple of 20', { ...single, pieces: new Uint8Array(39) }, 'BAD_PIECES'],
    ['too few pieces', { ...single, pieces: SHA1 }, 'BAD_PIECES'],
    ['too many pieces', { ...single, pieces: repeat(SHA1, 3) }, 'BAD_PIECES'],
    ['nothing but a symbolic link', { ...single, attr: 'l' }, 'SYMLINK'],
    ['no files', { ...several, files: [] }, 'BAD_FIELD'],
    ['files that are no list', { ...several, files: 5 }, 'BAD_FIELD'],
    ['a file that is no dictionary', { ...several, files: ['a'] }, 'BAD_FIELD'],
    ['a file without a path', { ...several, files: [{ length: 20_000 }] }, 'BAD_FIELD'],
    ['an empty path', { ...several, files: [{ length: 20_000, path: [] }] }, 'BAD_FIELD'],
    ['a path of a number', { ...several, files: [{ length: 20_000, path: [1] }] }, 'BAD_FIELD'],
    [
      'nothing but symbolic links',
      { ...several, pieces: '', files: [{ length: 0, path: ['a'], attr: 'l' }] },
      'SYMLINK',
    ],
    [
      'lengths that add up to more than 2^53',
      { ...several, files: Array.from({ length: 3 }, (_, at) => ({ length: 2 ** 52, path: [String(at)] })) },
      'BAD_FIELD',
    ],
    [
      'more pieces than are taken',
      { ...single, 'piece length': 1, length: 1_000_001, pieces: new Uint8Array(20_000_020) },
      'TOO_LARGE',
    ],
    [
      'more files than are taken',
      {
        ...several,
        files: new Bencoded(Buffer.from(`l${'d6:lengthi0e4:pathl1:aee'.repeat(1_000_001)}e`)),
        pieces: '',
      },
      'TOO_LARGE',
    ],
  ])('parseMetainfo() refuses %s', (_, info, code) => {
    expect(errorOf(() => parse(info))?.code).toBe(code);
  });

  test('parseMetainfo() refuses input that is no torrent', () => {
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
    expect(errorOf(() => parseMetainfo(new Uint8Array(64 * 1024 * 1024 + 1)))?.code).toBe('NOT_BENCODE');
  });
});

describe('parseMetainfo() of torrents of other programs', () => {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const bytesOf = (written: string): Uint8Array => Buffer.from(written, 'latin1');
  const plain = parse(single);

  test.each([
    ['a new line', '\n'],
    ['zeros', '\0'.repeat(100)],
    ['another value', 'i1e'],
    ['anything', 'xyz'],
  ])('parseMetainfo() ignores %s behind the dictionary, unless it is strict', (_, behind) => {
    const bytes = bytesOf(text(torrent(single)) + behind);
    expect(parseMetainfo(bytes)).toEqual(plain);
    expect(errorOf(() => parseMetainfo(bytes, { strict: true }))?.code).toBe('NOT_BENCODE');
  });

  test('parseMetainfo() takes leading zeros, and includes them in the info-hash', () => {
    const info = text(encode(single)).replace('i20000e', 'i0020000e');
    const { length, infoHash } = parseMetainfo(bytesOf(`d4:info${info}e`));
    expect(length).toBe(20_000);
    expect(infoHash).toBe(createHash('sha1').update(info, 'latin1').digest('hex'));
  });

  test('parseMetainfo() takes the first of equal keys, and includes all of them in the info-hash', () => {
    const info = text(encode(single)).replace('6:lengthi20000e', '6:lengthi20000e6:lengthi7e');
    const { length, infoHash } = parseMetainfo(bytesOf(`d4:info${info}4:infodee`));
    expect(length).toBe(20_000);
    expect(infoHash).toBe(createHash('sha1').update(info, 'latin1').digest('hex'));
    const files = [{ length: 20_000, path: ['a'] }];
    const doubled = text(encode({ ...several, files })).replace('4:pathl1:ae', '4:pathl1:ae4:pathl1:be');
    expect(parseMetainfo(bytesOf(`d4:info${doubled}e`)).files[0]!.path).toEqual(['a']);
  });

  test('parseMetainfo() takes the list of files when there is also a length', () => {
    expect(parse({ ...several, length: 5 })).toMatchObject({ isSingleFile: false, length: 10_005 });
  });

  test('parseMetainfo() ignores keys that it does not know, whatever is in them', () => {
    const unknown = Array.from({ length: 110_000 }, (_, at) => at);
    const files = [{ length: 20_000, path: ['a'], ed2k: 'x', filehash: SHA1, nested: [[{}]] }];
    const metainfo = parse({ ...several, files, unknown }, { unknown });
    expect(metainfo.files).toEqual([{ path: ['a'], length: 20_000, offset: 0 }]);
  });

  test("parseMetainfo() leaves BitComet's pad files out", () => {
    const files = [
      { length: 10_000, path: ['a'] },
      { length: 6384, path: ['_____padding_file_0_if you see this file, please update to BitComet 0.85'] },
      { length: 5, path: ['b'] },
    ];
    expect(parse({ ...several, files }).files.map(({ path, offset }) => [path[0], offset])).toEqual([
      ['a', 0],
      ['b', 16_384],
    ]);
  });

  test('parseMetainfo() reads symbolic links apart from the files, and warns of those that lead outside', () => {
    const files = [
      { length: 10_000, path: ['a'], attr: 'xh' },
      // The length of a link is not counted, as in libtorrent.
      { length: 99, path: ['l'], attr: 'l', 'symlink path': ['a'] },
      { path: ['d', 'm'], attr: 'lx', 'symlink path': ['..', '..', 'etc'] },
      { path: ['n'], attr: 'l' },
      { length: 10_000, path: ['b'], attr: 'h' },
    ];
    const metainfo = parse({ ...several, files });
    expect(metainfo.files).toEqual([
      { path: ['a'], length: 10_000, offset: 0, attr: 'xh' },
      { path: ['b'], length: 10_000, offset: 10_000, attr: 'h' },
    ]);
    expect(metainfo.symlinks).toEqual([
      { path: ['l'], target: ['a'] },
      { path: ['d', 'm'], target: ['..', '..', 'etc'] },
      { path: ['n'], target: [] },
    ]);
    expect(metainfo.warnings).toEqual([
      '2 symbolic links lead out of the folder, or nowhere; "d/m" is the first.',
    ]);
    expect(parse(several).warnings).toEqual([]);
  });

  test.each<[string, Encodable | undefined, boolean]>([
    ['no', undefined, false],
    ['0', 0, false],
    ['1', 1, true],
    ['2', 2, true],
    ['the string 1', '1', true],
    ['the string 0', '0', false],
    ['an empty string', '', false],
  ])('parseMetainfo() reads %s as `private`', (_, value, isPrivate) => {
    expect(parse({ ...single, private: value }).isPrivate).toBe(isPrivate);
  });

  test.each<[string, Encodable]>([
    ['an empty list', []],
    ['empty tiers', [[], []]],
    ['tiers of empty strings', [[''], [' ']]],
    ['tiers that are no lists', ['http://b/', 5, {}]],
    ['items that are no strings', [[5, [], {}]]],
    ['a string', 'http://b/'],
    ['a number', 7],
    ['what is no URL of a tracker', [['ftp://b/', 'tracker.example:80', 'http://', 'dht://b']]],
  ])('parseMetainfo() takes `announce` when `announce-list` is %s', (_, list) => {
    expect(parse(single, { announce: 'udp://a:1/', 'announce-list': list }).announceList).toEqual([
      ['udp://a:1/'],
    ]);
    expect(parse(single, { 'announce-list': list }).announceList).toEqual([]);
  });

  test('parseMetainfo() adds `announce` to trackers that Shoal cannot ask', () => {
    const around = { announce: 'http://a/', 'announce-list': [['wss://b/']] };
    expect(parse(single, around).announceList).toEqual([['wss://b/'], ['http://a/']]);
  });

  test.each<[string, Encodable]>([
    ['an empty string', ''],
    ['spaces', '  '],
    ['a number', 5],
    ['a list', ['http://a/']],
  ])('parseMetainfo() has no tracker when `announce` is %s', (_, announce) => {
    expect(parse(single, { announce }).announceList).toEqual([]);
  });

  test('parseMetainfo() lists trackers with an unknown scheme apart, each once', () => {
    const around = {
      announce: ' ftp://a/ ',
      'announce-list': [['http://b/', 'ftp://a/', 5], ['tracker.example:80', ' '], 'dht://c'],
    };
    expect(parse(single, around)).toMatchObject({
      announceList: [['http://b/']],
      otherTrackers: ['ftp://a/', 'tracker.example:80'],
    });
    expect(parse(single, { announce: 'wss://a/' }).otherTrackers).toEqual([]);
    const many = Array.from({ length: 5000 }, (_, at) => [`ftp://${at}/`]);
    expect(parse(single, { 'announce-list': many }).otherTrackers.length).toBe(1000);
  });

  test('parseMetainfo() removes white space around URLs', () => {
    const around = {
      announce: ' http://a/ ',
      'announce-list': [['\t udp://b/\n', 'HTTP://c/\r\n']],
      'url-list': [' http://w/ ', '', 'http://w/', 5, 'http://v/ '],
      httpseeds: ['\nhttp://h/'],
    };
    expect(parse(single, around)).toMatchObject({
      announceList: [['udp://b/', 'HTTP://c/']],
      urlList: ['http://w/', 'http://v/'],
      httpSeeds: ['http://h/'],
    });
    expect(parse(single, { announce: ' http://a/ ' }).announceList).toEqual([['http://a/']]);
    expect(parse(single, { 'url-list': ' http://w/ ' }).urlList).toEqual(['http://w/']);
    expect(parse(single, { 'url-list': '' }).urlList).toEqual([]);
  });

  test('parseMetainfo() reads nodes, texts, similar torrents and collections', () => {
    const similar = [SHA1, 'short', 5];
    const collections = ['one', 5];
    const around = {
      nodes: [['router.example', 6881], ['10.0.0.1', 70_000], ['::1', 6882], 'x', [5, 6]],
      encoding: 'UTF-8',
      publisher: 'P',
      'publisher.utf-8': 'Pü',
      'publisher-url': 'http://p/ ',
      collections: ['two', 'one'],
    };
    expect(parse({ ...single, similar, collections, source: 'S' }, around)).toMatchObject({
      nodes: [
        { host: 'router.example', port: 6881 },
        { host: '::1', port: 6882 },
      ],
      encoding: 'UTF-8',
      publisher: 'Pü',
      publisherUrl: 'http://p/',
      similar: ['07'.repeat(20)],
      collections: ['one', 'two'],
      source: 'S',
    });
  });

  test.each<[string, Encodable, number | undefined]>([
    ['a number', 5, 5],
    ['a string of digits', '1700000000', 1_700_000_000],
    ['a negative number', -1, undefined],
    ['another string', 'yesterday', undefined],
    ['an empty string', '', undefined],
  ])('parseMetainfo() reads %s as `creation date`', (_, date, seconds) => {
    expect(parse(single, { 'creation date': date }).creationDate).toBe(seconds);
  });

  test.each<[root: { [key: string]: Encodable | undefined }, message: string]>([
    [{ info: { ...single, 'piece length': '32768' } }, '`piece length` must be an integer, found a string'],
    [
      { info: { ...single, 'piece length': undefined } },
      '`piece length` must be an integer, but it is missing',
    ],
    [
      { info: { ...single, 'piece length': 0 } },
      '`piece length` must be an integer from 1 to 536870912, found 0',
    ],
    [{ info: ['a'] }, '`info` must be a dictionary, found a list'],
    [{ announce: 'x' }, '`info` must be a dictionary, but it is missing'],
  ])(
    'parseMetainfo() says what it found in a bad field, or that the field is missing: %j',
    (root, message) => {
      expect(() => parseMetainfo(encode(root))).toThrow(`Cannot use this torrent: ${message}`);
    },
  );

  test('parseMetainfo() takes a piece length that is no power of two', () => {
    const odd = { ...single, 'piece length': 10_001 };
    expect(parse(odd)).toMatchObject({ pieceLength: 10_001, pieceCount: 2 });
  });
});

describe('parseMetainfo() of too large a torrent', () => {
  test.each<[string, () => Uint8Array]>([
    ['deep nesting', () => Buffer.from(`d4:spam${'l'.repeat(2_000_000)}`)],
    [
      'a list of too many tiers',
      () => torrent(single, { 'announce-list': Array.from({ length: 150_000 }, () => [] as Encodable[]) }),
    ],
    [
      'a tier of too many trackers',
      () =>
        torrent(single, { 'announce-list': [Array.from({ length: 150_000 }, (_, at) => `http://${at}/`)] }),
    ],
  ])('parseMetainfo() refuses %s', (_, make) => {
    const bytes = make();
    expect(['NOT_BENCODE', 'TOO_LARGE']).toContain(errorOf(() => parseMetainfo(bytes))?.code);
  });

  const MANY = 70_000;
  const long = new Uint8Array(MANY).fill(0x78);

  test.each<[string, Info]>([
    ['a long name', { ...single, name: long }],
    ['a long name of a file', { ...several, files: [{ length: 20_000, path: [long] }] }],
    [
      'a path of many names',
      { ...several, files: [{ length: 20_000, path: Array.from({ length: 10_001 }, () => 'a') }] },
    ],
    [
      'a long target of a link',
      {
        ...several,
        files: [
          { attr: 'l', path: ['a'], 'symlink path': [long] },
          { length: 20_000, path: ['b'] },
        ],
      },
    ],
  ])('parseMetainfo() refuses %s with a short message', (_, info) => {
    const error = errorOf(() => parse(info));
    expect(error?.code).toBe('TOO_LARGE');
    expect(error!.message.length).toBeLessThan(300);
  });

  test('parseMetainfo() cuts long texts, leaves out long URLs, and reads 16 letters of attributes', () => {
    const around = {
      comment: long,
      announce: Buffer.concat([Buffer.from('http://a/'), long]),
      'url-list': [long],
    };
    const metainfo = parse({ ...single, attr: long }, around);
    expect(metainfo.comment?.length).toBe(65_536);
    expect(metainfo.announceList).toEqual([]);
    expect(metainfo.urlList).toEqual([]);
    expect(metainfo.files[0]!.attr).toBe('x');
  });

  test('parseMetainfo() keeps the first 1,000 entries of a list', () => {
    const urls = Array.from({ length: 5000 }, (_, at) => `http://${at}/`);
    expect(parse(single, { 'url-list': urls }).urlList).toEqual(urls.slice(0, 1000));
    const nodes = Array.from({ length: 5000 }, (_, at) => ['host', at + 1]);
    expect(parse(single, { nodes }).nodes.length).toBe(1000);
  });
});

describe('parseMetainfo() of a damaged v1 torrent', () => {
  test('parseMetainfo() throws nothing but MetainfoError, whatever the damage', () => {
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

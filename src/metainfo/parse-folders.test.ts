import { describe, expect, test } from 'vitest';
import { type Encodable, encode } from '../bencode/index.ts';
import { contentIdOfTorrent } from './content-id.ts';
import { MetainfoError } from './errors.ts';
import { MAX_FILES } from './limits.ts';
import { parseMetainfo } from './parse.ts';

type Properties = Readonly<Record<string, Encodable | undefined>>;
const HASH = Buffer.alloc(32, 7);
const ROOT = Buffer.alloc(32, 1);

function parseV1(files: readonly Properties[], info: Properties = {}) {
  return parseMetainfo(encode({ info: { name: 'n', 'piece length': 16_384, pieces: '', files, ...info } }));
}

/** Parses a hybrid of one file of 5 bytes, and of a link, with other properties in its v1 half or its v2 half. */
function parseHybrid(
  v1: { file?: Properties; link?: Properties },
  v2: { file?: Properties; link?: Properties } = v1,
) {
  const file = { length: 5 };
  const link = { attr: 'l', length: 0, 'symlink path': ['a'] };
  return parseMetainfo(
    encode({
      info: {
        name: 'n',
        'meta version': 2,
        'piece length': 16_384,
        pieces: Buffer.alloc(20),
        files: [
          { path: ['a'], ...file, ...v1.file },
          { path: ['l'], ...link, ...v1.link },
        ],
        'file tree': {
          a: { '': { ...file, 'pieces root': ROOT, ...v2.file } },
          l: { '': { ...link, ...v2.link } },
        },
      },
      'piece layers': {},
    }),
  );
}

const codeOf = (work: () => unknown) => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof MetainfoError ? error.code : error;
  }
};

describe('parseMetainfo() of a folder', () => {
  test('reads the SHA-256 of a file, and ignores one of another length', () => {
    const files = [HASH, HASH.subarray(1), Buffer.alloc(64), 5].map((sha256, index) => ({
      path: [`${index}`],
      length: 0,
      sha256,
    }));
    const metainfo = parseV1(files);
    expect(metainfo.files.map((file) => file.sha256?.length)).toEqual([32, undefined, undefined, undefined]);
    expect(contentIdOfTorrent(metainfo)).toBeUndefined();
  });

  test('reads links as libtorrent writes them, from the folder of the link', () => {
    const link = (path: string[], target: string[]) => ({ attr: 'xl', path, 'symlink path': target });
    const metainfo = parseV1([
      { path: ['d', 'a'], length: 0 },
      link(['d', 'side'], ['a']),
      link(['d', 'e', 'up'], ['..', 'a']),
      link(['down'], ['.', 'd', 'a']),
    ]);
    expect(metainfo.symlinks.map(({ target }) => target.join('/'))).toEqual(['d/a', 'd/a', 'd/a']);
    expect(metainfo.warnings).toEqual([]);
  });

  test('reads hostile links as they are, warns of them, and gives no content id', () => {
    const hostile: Properties[] = [
      { 'symlink path': ['a'], 'link target': 'a\0b' },
      { 'symlink path': ['etc', 'passwd'], 'link target': '/etc/passwd' },
      { 'symlink path': ['b'], 'link target': 'a/../../b' },
      { 'symlink path': ['..', 'b'] },
      { 'symlink path': ['a'], 'link target': 'a'.repeat(64 * 1024) },
      { 'symlink path': [] },
      {},
    ];
    for (const properties of hostile) {
      const file = { path: ['a'], length: 0, sha256: HASH };
      const metainfo = parseV1([file, { attr: 'l', path: ['l'], ...properties }]);
      expect(metainfo.warnings).toEqual(['The symbolic link "l" leads out of the folder, or nowhere.']);
      expect(contentIdOfTorrent(metainfo)).toBeUndefined();
    }
  });

  test('refuses a text of a link, and a name in a target, of more than 64 KiB', () => {
    const long = 'a'.repeat(64 * 1024 + 1);
    for (const properties of [{ 'link target': long }, { 'symlink path': [long] }]) {
      const parse = () =>
        parseV1([
          { path: ['a'], length: 0 },
          { attr: 'l', path: ['l'], ...properties },
        ]);
      expect(codeOf(parse)).toBe('TOO_LARGE');
    }
  });

  test('reads the empty folders', () => {
    const metainfo = parseV1([{ path: ['a'], length: 0 }], {
      'empty folders': [['d', 'e'], ['d', '..', 'f'], [Buffer.of(0xb2)]],
    });
    expect(metainfo.emptyFolders).toEqual([
      { path: ['d', 'e'] },
      { path: ['d', '%2E%2E', 'f'] },
      { path: ['%B2'], exactPath: ['\udcb2'] },
    ]);
    expect(parseV1([{ path: ['a'], length: 0 }]).emptyFolders).toEqual([]);
  });

  test.each<[string, Encodable]>([
    ['no list', 5],
    ['a list of strings', ['a']],
    ['a list of an empty path', [[]]],
    ['a list of paths with a number in them', [['a', 5]]],
  ])('refuses `empty folders` that are %s', (_, value) => {
    const parse = () => parseV1([{ path: ['a'], length: 0 }], { 'empty folders': value });
    expect(parse).toThrow(expect.objectContaining({ code: 'BAD_FIELD', field: 'empty folders' }));
  });

  test('counts files, links and empty folders together against MAX_FILES', () => {
    const link = 'd4:attr1:l4:pathl1:le12:symlink pathl1:aee';
    const list = `l${link.repeat(MAX_FILES - 2)}d6:lengthi0e4:pathl1:aeee`;
    const torrentWith = (folders: string) =>
      Buffer.from(
        `d4:infod13:empty foldersl${folders}e5:files${list}4:name1:n12:piece lengthi16384e6:pieces0:ee`,
      );
    expect(parseMetainfo(torrentWith('l1:ee')).symlinks).toHaveLength(MAX_FILES - 2);
    expect(codeOf(() => parseMetainfo(torrentWith('l1:eel1:fe')))).toBe('TOO_LARGE');
  });
});

describe('parseMetainfo() of the two halves of a hybrid', () => {
  test('takes halves that agree', () => {
    const file = { attr: 'hx', sha256: HASH };
    const metainfo = parseHybrid(
      { file, link: { 'link target': './a' } },
      { file, link: { 'link target': './a' } },
    );
    expect(metainfo.files[0]!.attr).toBe('xh');
    expect(Buffer.from(metainfo.files[0]!.sha256!)).toEqual(HASH);
    expect(metainfo.symlinks).toEqual([{ path: ['l'], target: ['a'], linkText: './a' }]);
    expect(codeOf(() => parseHybrid({ file: { attr: 'h' } }, {}))).toBeUndefined();
  });

  test.each<[string, Parameters<typeof parseHybrid>[0], Parameters<typeof parseHybrid>[0]]>([
    ['which file is executable', { file: { attr: 'x' } }, {}],
    ['the SHA-256 of a file', { file: { sha256: HASH } }, { file: { sha256: ROOT } }],
    ['whether a file has a SHA-256', { file: { sha256: HASH } }, {}],
    ['the target of a link', { link: { 'symlink path': ['b'] } }, {}],
    ['the text of a link', { link: { 'link target': './a' } }, { link: { 'link target': 'a' } }],
    ['what is a link', { link: { attr: '' } }, {}],
  ])('refuses halves that disagree about %s', (_, v1, v2) => {
    expect(codeOf(() => parseHybrid(v1, v2))).toBe('HYBRID_MISMATCH');
    expect(codeOf(() => parseHybrid(v2, v1))).toMatch(/HYBRID_MISMATCH|BAD_FIELD/);
  });
});

import { describe, expect, test } from 'vitest';
import { type Encodable, encode, textToKey } from '../bencode/index.ts';
import { encodeMetainfo } from './encode.ts';
import { MAX_NAMES, MAX_NEW_NAMES } from './limits.ts';
import { NameCount } from './name-count.ts';
import { parseMetainfo } from './parse.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const GBK = latin1('\xb2\xe2\xca\xd4');
const ROOT = new Uint8Array(32).fill(7);

/** A v1 torrent of empty files. */
function v1(files: readonly Record<string, Encodable>[], info: Record<string, Encodable> = { name: 'n' }) {
  const list = files.map((file) => ({ length: 0, ...file }));
  const bytes = encode({ info: { 'piece length': 16384, pieces: '', files: list, ...info } });
  return parseMetainfo(bytes);
}

function v2(tree: Encodable, name = 'n') {
  return parseMetainfo(
    encode({
      info: { 'file tree': tree, 'meta version': 2, name, 'piece length': 16384 },
      'piece layers': {},
    }),
  );
}

const pathsOf = ({ files }: ReturnType<typeof v1>) => files.map(({ path }) => path);

describe('parseMetainfo()', () => {
  test('keeps odd but valid names as they are', () => {
    const names = [
      'aux.c',
      'a:b.log',
      'dev-disk\\x2dby.mount',
      'Vol. 1.',
      'trail ',
      'xt_MARK.h',
      'xt_mark.h',
      '\u00e9',
      'e\u0301',
      'a\nb',
      '..\\..\\x',
      'C:\\x',
      'x'.repeat(300),
    ];
    const torrent = v1(names.map((name) => ({ path: [name] })));
    expect(pathsOf(torrent)).toEqual(names.map((name) => [name]));
    expect(torrent.warnings).toEqual([]);
    const tree = new Map(names.map((name) => [textToKey(name), leaf()]));
    expect(new Set(pathsOf(v2(tree)).map(([name]) => name))).toEqual(new Set(names));
  });

  test('changes paths that lead outside of the folder, and warns of it', () => {
    const torrent = v1([
      { path: ['..', '..', 'x'] },
      { path: ['/etc/passwd'] },
      { path: ['a', '..', '..', 'b'] },
      { path: ['', 'c', ''] },
      { path: ['.', 'd'] },
      { path: [''] },
      { path: ['e\0'] },
    ]);
    expect(pathsOf(torrent)).toEqual([
      ['%2E%2E', '%2E%2E', 'x'],
      ['%2Fetc%2Fpasswd'],
      ['a', '%2E%2E', '%2E%2E', 'b'],
      ['c'],
      ['d'],
      ['_'],
      ['e%00'],
    ]);
    expect(torrent.warnings).toEqual([expect.stringContaining('7 names')]);
    expect(pathsOf(v2({ '..': { 'a/b': leaf() } }))).toEqual([['%2E%2E', 'a%2Fb']]);
    expect(v2({ a: leaf() }, '../n').name).toBe('..%2Fn');
  });

  test('takes two files with one path, and a path of ten thousand names', () => {
    expect(pathsOf(v1([{ path: ['a'] }, { path: ['a'] }, { path: ['a', 'b'] }]))).toEqual([
      ['a'],
      ['a'],
      ['a', 'b'],
    ]);
    const deep = Array.from({ length: 10_000 }, () => 'd');
    expect(pathsOf(v1([{ path: deep }]))).toEqual([deep]);
  });

  test('reads names that are not UTF-8 the same way every time, and keeps their bytes in `info`', () => {
    const torrent = v1([{ path: [GBK, 'a.txt'] }], { name: GBK });
    expect(torrent.name).toBe('%B2%E2%CA%D4');
    expect(pathsOf(torrent)).toEqual([['%B2%E2%CA%D4', 'a.txt']]);
    expect(torrent.files[0]!.exactPath).toEqual(['\udcb2\udce2\udcca\udcd4', 'a.txt']);
    expect(torrent.warnings).toEqual([expect.stringContaining('1 name in the torrent')]);
    const again = parseMetainfo(encodeMetainfo(torrent));
    expect(again.infoHash).toBe(torrent.infoHash);
    expect(again.files).toEqual(torrent.files);
    const { files } = v2(new Map([['\xb2', leaf()]]));
    expect(files[0]).toMatchObject({ path: ['%B2'], exactPath: ['\udcb2'] });
  });

  test('prefers `path.utf-8` and `name.utf-8` when they are UTF-8', () => {
    const torrent = v1([{ path: [GBK], 'path.utf-8': ['测试'] }], { name: GBK, 'name.utf-8': '测' });
    expect([torrent.name, pathsOf(torrent)]).toEqual(['测', [['测试']]]);
    expect(torrent.warnings).toEqual([]);
    const wrong = v1([{ path: ['right'], 'path.utf-8': [GBK] }], { name: 'right', 'name.utf-8': GBK });
    expect([wrong.name, pathsOf(wrong)]).toEqual(['right', [['right']]]);
    const empty = v1([{ path: ['right'], 'path.utf-8': [] }], { name: 'right', 'name.utf-8': '' });
    expect([empty.name, pathsOf(empty)]).toEqual(['right', [['right']]]);
  });
});

describe('parseMetainfo() of a hostile torrent', () => {
  /** A v1 torrent of empty files. @param entries of the list, in bencode */
  const bytesOf = (entries: string) =>
    latin1(`d4:infod5:filesl${entries}e4:name1:n12:piece lengthi16384e6:pieces0:ee`);
  const entry = (name: string, times: number) => `d6:lengthi0e4:pathl${`1:${name}`.repeat(times)}ee`;
  const TOO_MANY = { code: 'TOO_LARGE' };

  test('refuses too many names that the file before does not have', () => {
    const entries = (entry('a', 10_000) + entry('b', 10_000)).repeat(50);
    const error = expect.objectContaining({
      ...TOO_MANY,
      message: expect.stringContaining('1000000 different'),
    });
    expect(() => parseMetainfo(bytesOf(entries + entry('a', 1)))).toThrow(error);
  });

  test('refuses too many names in all paths together', () => {
    const count = new NameCount();
    count.add(MAX_NAMES, MAX_NEW_NAMES);
    const error = expect.objectContaining({ ...TOO_MANY, message: expect.stringContaining('3000000 names') });
    expect(() => count.add(1, 0)).toThrow(error);
  });

  test('refuses too many deep folders in a v2 tree, even without files', () => {
    const empty = Array.from({ length: 33_000 }, (_, at) => `6:${String(at).padStart(6, '0')}de`).join('');
    const tree = `${'1:ad'.repeat(94)}${empty}${'e'.repeat(94)}`;
    const bytes = latin1(`d4:infod9:file treed${tree}e12:meta versioni2e4:name1:n12:piece lengthi16384eee`);
    expect(() => parseMetainfo(bytes)).toThrow(expect.objectContaining(TOO_MANY));
  });
});

function leaf(): Encodable {
  return { '': { length: 1, 'pieces root': ROOT } };
}

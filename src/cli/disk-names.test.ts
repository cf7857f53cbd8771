import { expect, test } from 'vitest';
import { encode } from '../bencode/index.ts';
import { parseMetainfo } from '../metainfo/index.ts';
import { describeTorrent } from './describe-torrent.ts';
import { diskPathsOfDoubled, pathBelow, shownPath } from './disk-names.ts';
import { fileTreeLines } from './file-tree-lines.ts';

/** Makes a torrent of empty files. */
function torrentOf(...paths: readonly string[]) {
  const files = paths.map((path) => ({ length: 0, path: path.split('/') }));
  return parseMetainfo(encode({ info: { files, name: 'n', 'piece length': 16_384, pieces: '' } }));
}

test('diskPathsOfDoubled() is empty when each file has a path of its own', async () => {
  expect([...(await diskPathsOfDoubled(torrentOf('a', 'b/a', 'x'.repeat(300))))]).toEqual([]);
});

test('diskPathsOfDoubled() gives files with one path different paths on disk, and fileTreeLines() shows them', async () => {
  const metainfo = torrentOf('b/a.txt', 'c', 'b/a.txt');
  const found = await diskPathsOfDoubled(metainfo);
  expect(new Set(found.keys())).toEqual(new Set([0, 2]));
  expect(new Set(found.values()).size).toBe(2);
  expect([...fileTreeLines(describeTorrent(metainfo, found))].slice(1)).toEqual([
    '       b/',
    '    0    a.txt',
    expect.stringMatching(/^ {4}0 {4}a\.txt \(on disk: b\/a~[0-9a-f]{8}\.txt\)$/),
    '    0  c',
  ]);
});

test('pathBelow() is the path of a file below a folder', () => {
  expect(pathBelow('some/folder', 'some/folder/a/b')).toBe('a/b');
  expect(pathBelow('.', 'a')).toBe('a');
});

test('shownPath() shows the path on disk only when it differs, and shortens long paths', () => {
  expect(shownPath({ path: 'a' })).toBe('a');
  expect(shownPath({ path: 'a', diskPath: 'a' })).toBe('a');
  expect(shownPath({ path: 'a\n', diskPath: '\udcb2' })).toBe('a\\n (on disk: \\xb2)');
  expect(shownPath({ path: 'x'.repeat(60_000_000), diskPath: 'x~12345678' }).length).toBeLessThan(5000);
});

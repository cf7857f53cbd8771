import { expect, test } from 'vitest';
import { type Encodable, encode } from '../bencode/index.ts';
import { parseMetainfo } from '../metainfo/index.ts';
import { describeTorrent } from './describe-torrent.ts';
import { fileTreeLines } from './file-tree-lines.ts';

type Keys = Record<string, Encodable>;

function linesOf(files: readonly Keys[], more: Keys = {}): string[] {
  const list = files.map((file) => ({ length: 0, ...file }));
  const info = { name: 'folder', 'piece length': 16_384, pieces: '', files: list, ...more };
  return [...fileTreeLines(describeTorrent(parseMetainfo(encode({ info }))))];
}

test('fileTreeLines() indents files, links and empty folders below their folders, sorted', () => {
  const files = [
    { path: ['z.txt'], length: 12_345_678 },
    { path: ['bin', 'run'], length: 1000, attr: 'x' },
    { path: ['bin', 'link'], attr: 'l', 'symlink path': ['z.txt'] },
    { path: ['src', 'deep', 'er', 'a'] },
    { path: ['src', 'deep', 'er', 'b', 'c'] },
    { path: ['.hidden'], attr: 'h' },
  ];
  const more = {
    pieces: new Uint8Array(20 * 754),
    'empty folders': [
      ['bin', 'none'],
      ['e', 'f'],
    ],
  };
  expect(linesOf(files, more)).toEqual([
    '   BYTES  ATTR  FILE',
    '       0  h     .hidden',
    '                bin/',
    '       0  l       link -> ../z.txt',
    '                  none/',
    '    1000  x       run',
    '                e/',
    '                  f/',
    '                src/deep/er/',
    '       0          a',
    '                  b/',
    '       0            c',
    '12345678        z.txt',
  ]);
});

test('fileTreeLines() has no column of attributes when there are none', () => {
  expect(linesOf([{ path: ['b'] }, { path: ['a', 'b'] }])).toEqual([
    'BYTES  FILE',
    '       a/',
    '    0    b',
    '    0  b',
  ]);
});

test('fileTreeLines() lists a path of thousands of names, and files that share a path with a file or a folder', () => {
  const deep = Array.from({ length: 9000 }, () => 'd');
  expect(linesOf([{ path: [...deep, 'a'] }])).toHaveLength(3);
  expect(linesOf([{ path: ['a'] }, { path: ['a'] }, { path: ['a', 'b'] }])).toHaveLength(5);
});

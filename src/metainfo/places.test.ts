import { describe, expect, test } from 'vitest';
import { placesOf } from './places.ts';

const file = (path: readonly string[], exactPath?: readonly string[]) => {
  return { path, offset: 0, length: 1, ...(exactPath && { exactPath }) };
};

describe('placesOf()', () => {
  test('gives names that are not UTF-8 their very bytes on Linux alone', () => {
    const torrent = {
      files: [file(['%B2%E2', 'a'], ['\udcb2\udce2', 'a'])],
      symlinks: [{ path: ['%FF'], exactPath: ['\udcff'], target: ['a'] }],
      emptyFolders: [{ path: ['%FE'], exactPath: ['\udcfe'] }],
    };
    expect(placesOf(torrent, 'linux')).toEqual({
      files: [['\udcb2\udce2', 'a']],
      links: [['\udcff']],
      emptyFolders: [['\udcfe']],
    });
    expect(placesOf(torrent, 'darwin')).toEqual({
      files: [['%B2%E2', 'a']],
      links: [['%FF']],
      emptyFolders: [['%FE']],
    });
  });

  test('counts a byte that is not UTF-8 as one byte of a name', () => {
    const longest = '\udcff'.repeat(255);
    const torrent = {
      files: [file(['%'], [longest]), file(['%'], [`${longest}\udcff`])],
      symlinks: [],
      emptyFolders: [],
    };
    const [fits, cut] = placesOf(torrent, 'linux').files;
    expect(fits).toEqual([longest]);
    expect(cut![0]).toMatch(/^\udcff{246}~[0-9a-f]{8}$/u);
  });

  test('lets no name that is not UTF-8 lead to another place', () => {
    const torrent = { files: [file(['x'], ['\udcff/../a\0'])], symlinks: [], emptyFolders: [] };
    expect(placesOf(torrent, 'linux').files).toEqual([['\udcff%2F..%2Fa%00']]);
  });

  test('gives a file, a link and an empty folder of one path different places', () => {
    const torrent = {
      files: [file(['a']), file(['b', 'c'])],
      symlinks: [{ path: ['a'], target: ['b'] }],
      emptyFolders: [{ path: ['b'] }],
    };
    const { files, links, emptyFolders } = placesOf(torrent, 'darwin');
    const all = [...files, ...links, ...emptyFolders].map((path) => path.join('/').toLowerCase());
    expect(new Set(all).size).toBe(4);
    expect(files).toEqual([['a'], ['b', 'c']]);
  });
});

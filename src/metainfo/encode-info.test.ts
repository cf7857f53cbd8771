import { describe, expect, test } from 'vitest';
import { bytesToText, decode } from '../bencode/index.ts';
import { createMetainfo } from './encode.ts';
import { MetainfoError } from './errors.ts';
import type { NewMetainfo } from './new-metainfo.ts';

const ROOT = Buffer.alloc(32, 1);

function newTorrent(version: NewMetainfo['version'], more: Partial<NewMetainfo> = {}): NewMetainfo {
  return {
    version,
    name: 'folder',
    isSingleFile: false,
    pieceLength: 16_384,
    files: [
      { path: ['b'], length: 5, piecesRoot: ROOT, attr: 'x', sha256: Buffer.alloc(32, 2) },
      { path: ['d', 'c'], length: 5, piecesRoot: ROOT, sha256: Buffer.alloc(32, 3) },
    ],
    ...(version !== 'v2' && { pieces: new Uint8Array(version === 'hybrid' ? 40 : 20) }),
    symlinks: [
      { path: ['d', 'l'], target: ['b'], linkText: '../b' },
      { path: ['a'], target: ['d', 'none'] },
    ],
    emptyFolders: [{ path: ['z'] }, { path: ['d', 'e'] }],
    ...more,
  };
}

const textOf = (value: unknown) => (value instanceof Uint8Array ? bytesToText(value) : undefined);
const pathOf = (file: ReadonlyMap<string, unknown>) => {
  const path = file.get('path');
  return Array.isArray(path) ? path.map(textOf).join('/') : undefined;
};
const VERSIONS = ['v1', 'v2', 'hybrid'] as const;

describe('createMetainfo() of a folder', () => {
  test.each(VERSIONS)('keeps links, empty folders, attributes, SHA-256s and raw names in %s', (version) => {
    const torrent = newTorrent(version);
    const raw = { path: ['%FF'], exactPath: ['\udcff'], length: 0, sha256: Buffer.alloc(32, 4) };
    const metainfo = createMetainfo({
      ...torrent,
      files: [...torrent.files, raw],
      emptyFolders: [...torrent.emptyFolders!, { path: ['%FE'], exactPath: ['\udcfe'] }],
    });
    expect(metainfo.files.map(({ path, attr, sha256 }) => [path.join('/'), attr, sha256![0]])).toEqual([
      ['b', 'x', 2],
      ['d/c', undefined, 3],
      ['%FF', undefined, 4],
    ]);
    expect(metainfo.files.map(({ exactPath }) => exactPath)).toEqual([undefined, undefined, ['\udcff']]);
    expect(metainfo.symlinks).toEqual([
      { path: ['a'], target: ['d', 'none'] },
      { path: ['d', 'l'], target: ['b'], linkText: '../b' },
    ]);
    expect(metainfo.emptyFolders).toEqual([
      { path: ['d', 'e'] },
      { path: ['z'] },
      { path: ['%FE'], exactPath: ['\udcfe'] },
    ]);
    expect(metainfo).toMatchObject({ warnings: [], isSingleFile: false, version });
  });

  test('lists links in the order of the v2 tree, with the keys of BEP 47', () => {
    const { infoBytes } = createMetainfo(newTorrent('hybrid'));
    const info = decode(infoBytes) as unknown as ReadonlyMap<string, readonly ReadonlyMap<string, unknown>[]>;
    const list = info.get('files')!;
    expect(list.map((file) => [pathOf(file), textOf(file.get('attr'))])).toEqual([
      ['a', 'l'],
      ['b', 'x'],
      ['.pad/16379', 'p'],
      ['d/c', undefined],
      ['d/l', 'l'],
    ]);
    expect([...list[4]!.keys()]).toEqual(['attr', 'length', 'link target', 'path', 'symlink path']);
  });

  test.each(VERSIONS)('keeps a folder whose only file has its name a folder in %s', (version) => {
    const files = [{ path: ['folder'], length: 5, piecesRoot: ROOT, sha256: Buffer.alloc(32, 2) }];
    const pieces = version === 'v2' ? {} : { pieces: new Uint8Array(20) };
    const torrent = newTorrent(version, { files, symlinks: [], emptyFolders: [], ...pieces });
    expect(createMetainfo(torrent).isSingleFile).toBe(false);
  });

  test.each<[string, Partial<NewMetainfo>, string]>([
    ['a link that leads outside', { symlinks: [{ path: ['l'], target: ['..', 'x'] }] }, 'SYMLINK'],
    [
      'a link with another target than its text',
      { symlinks: [{ path: ['l'], target: ['b'], linkText: 'c' }] },
      'SYMLINK',
    ],
    ['a path through a link', { symlinks: [{ path: ['d'], target: ['b'] }] }, 'DUPLICATE_PATH'],
    ['an empty folder in the place of a file', { emptyFolders: [{ path: ['b'] }] }, 'DUPLICATE_PATH'],
  ])('refuses %s', (_, more, code) => {
    const make = () => createMetainfo(newTorrent('v1', more));
    expect(make).toThrow(MetainfoError);
    expect(make).toThrow(expect.objectContaining({ code }));
  });

  test('refuses links and empty folders beside a single file', () => {
    const files = [{ path: ['folder'], length: 5 }];
    const torrent = newTorrent('v1', { isSingleFile: true, files });
    expect(() => createMetainfo(torrent)).toThrow('single-file torrent with links or empty folders');
  });
});

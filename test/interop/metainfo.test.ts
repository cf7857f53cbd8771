import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHashPool, createTorrent, type HashPool } from '../../src/hashing/index.ts';
import {
  type Metainfo,
  MetainfoError,
  type MetainfoVersion,
  parseMetainfo,
} from '../../src/metainfo/index.ts';
import { toHex } from '../../src/util/index.ts';
import { repositoryRoot, requirePeers, runProcess, type TempFolder, tempFolder } from '../support/index.ts';

/** Debian's: python3-libtorrent belongs to no other. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = join(repositoryRoot, 'test/interop/metainfo.py');
const VERSIONS: readonly MetainfoVersion[] = ['v1', 'v2', 'hybrid'];
const KIB = 1024;
const MIB = 1024 * KIB;
const PIECE_LENGTH = 64 * KIB;

let folder: TempFolder;
let pool: HashPool;

beforeAll(async () => {
  folder = await tempFolder();
  pool = createHashPool();
});

beforeEach((context) => requirePeers(context, 'libtorrent'));

afterAll(async () => {
  await pool.close();
  await folder[Symbol.asyncDispose]();
});

/** Has libtorrent read each torrent. @returns what it found in each */
async function loadByLibtorrent(
  paths: readonly string[],
  what: 'load' | 'entries' = 'load',
): Promise<unknown[]> {
  const output = await runProcess(PYTHON, [SCRIPT, what, ...paths]);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

async function createByLibtorrent(version: MetainfoVersion, path: string): Promise<Metainfo> {
  const out = folder.join('libtorrent.torrent');
  await runProcess(PYTHON, [SCRIPT, 'create', version, String(PIECE_LENGTH), path, out]);
  return parseMetainfo(await readFile(out), { strict: true });
}

/** A metainfo in the words of metainfo.py. */
function inWordsOfLibtorrent(metainfo: Metainfo): unknown {
  return {
    v1: metainfo.infoHashV1 ?? null,
    v2: metainfo.infoHashV2 ?? null,
    name: metainfo.name,
    pieceLength: metainfo.pieceLength,
    pieceCount: metainfo.pieceCount,
    private: metainfo.isPrivate,
    files: metainfo.files.map(({ path, length, offset, piecesRoot }) => ({
      path: (metainfo.isSingleFile ? path : [metainfo.name, ...path]).join('/'),
      length,
      // Where an empty file stands between others makes no difference, and v1 and v2 put it in different places.
      offset: length === 0 ? null : offset,
      root: metainfo.version === 'v1' ? null : piecesRoot ? toHex(piecesRoot) : '0'.repeat(64),
    })),
  };
}

async function writeTorrent(name: string, bytes: Uint8Array): Promise<string> {
  const path = folder.join(`${name}.torrent`);
  await writeFile(path, bytes);
  return path;
}

/** A folder of files with these lengths, some in folders of their own. */
async function folderOf(name: string, lengths: Readonly<Record<string, number>>): Promise<string> {
  const root = folder.join(name);
  for (const [path, length] of Object.entries(lengths)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), randomBytes(length));
  }
  return root;
}

describe('libtorrent loads what createTorrent() writes', () => {
  test.each([
    1,
    100,
    16 * KIB - 1,
    16 * KIB,
    16 * KIB + 1,
    PIECE_LENGTH - 1,
    PIECE_LENGTH,
    PIECE_LENGTH + 1,
    3 * PIECE_LENGTH - 1,
    3 * PIECE_LENGTH,
    3 * PIECE_LENGTH + 1,
    64 * MIB,
  ])('libtorrent reads the same from v1, v2 and hybrid torrents of a file of %d bytes', async (length) => {
    const path = folder.join(`file-${length}`);
    await writeFile(path, randomBytes(length));
    const expected: unknown[] = [];
    const torrents: string[] = [];
    for (const version of VERSIONS) {
      // The large file is given the piece length of its size.
      const options = length < MIB ? { version, pieceLength: PIECE_LENGTH } : { version };
      const { bytes, metainfo } = await createTorrent(pool, path, options);
      expected.push(inWordsOfLibtorrent(metainfo));
      torrents.push(await writeTorrent(`${basename(path)}-${version}`, bytes));
    }
    expect(await loadByLibtorrent(torrents)).toEqual(expected);
  });

  test.each<[string, Record<string, number>]>([
    [
      'files of all kinds',
      { a: 100_000, 'b/c': 1, 'b/d/e': PIECE_LENGTH, 'b.txt': 0, f: 3 * PIECE_LENGTH + 5 },
    ],
    ['an empty file first', { a: 0, b: 10, c: 20 }],
    ['an empty file last', { a: 10, b: 20, c: 0 }],
    ['names beyond ASCII', { grüß: 10, 名前: 20, '🐟': 30, '\uff5e': 40 }],
    ['two empty files', { a: 0, b: 0, c: 5 }],
  ])(
    'libtorrent reads the same from v1, v2 and hybrid torrents of a folder with %s',
    async (name, lengths) => {
      const root = await folderOf(name, lengths);
      const expected: unknown[] = [];
      const torrents: string[] = [];
      for (const version of VERSIONS) {
        const { bytes, metainfo } = await createTorrent(pool, root, { version, pieceLength: PIECE_LENGTH });
        expected.push(inWordsOfLibtorrent(metainfo));
        torrents.push(await writeTorrent(`${name}-${version}`, bytes));
      }
      expect(await loadByLibtorrent(torrents)).toEqual(expected);
    },
  );

  test('libtorrent 2.0 refuses any torrent of 0 bytes, which parseMetainfo() takes', async () => {
    const path = folder.join('empty');
    await writeFile(path, '');
    for (const version of VERSIONS) {
      const { bytes, metainfo } = await createTorrent(pool, path, { version });
      expect(metainfo).toMatchObject({ length: 0, pieceCount: 0 });
      const torrent = await writeTorrent(`empty-${version}`, bytes);
      expect(await loadByLibtorrent([torrent])).toEqual([{ error: 'invalid length of torrent' }]);
    }
  });
});

describe('libtorrent and links, modes and names of folders', () => {
  /** A folder with an executable file, links within it, and an empty folder. */
  async function linkedFolder(name: string): Promise<string> {
    const root = await folderOf(name, { 'bin/run': 10, 'lib/a': 70_000, z: 0 });
    await chmod(join(root, 'bin/run'), 0o755);
    await mkdir(join(root, 'empty'));
    const links = { 'bin/side': 'run', 'bin/up': '../lib/a', down: 'lib/./a', folder: 'lib' };
    for (const [path, target] of Object.entries(links)) await symlink(target, join(root, path));
    return root;
  }

  const TARGETS = { 'bin/side': 'bin/run', 'bin/up': 'lib/a', down: 'lib/a', folder: 'lib' };

  test('libtorrent reads the links and modes of v1, v2 and hybrid torrents of createTorrent()', async () => {
    const root = await linkedFolder('our links');
    const torrents: string[] = [];
    for (const version of VERSIONS) {
      const { bytes } = await createTorrent(pool, root, { version, pieceLength: PIECE_LENGTH });
      torrents.push(await writeTorrent(`our links ${version}`, bytes));
    }
    const found = {
      'our links/bin/run': ['executable', 10],
      'our links/lib/a': ['file', 70_000],
      'our links/z': ['file', 0],
      ...Object.fromEntries(
        Object.entries(TARGETS).map(([path, target]) => [
          `our links/${path}`,
          ['link', `our links/${target}`],
        ]),
      ),
    };
    expect(await loadByLibtorrent(torrents, 'entries')).toEqual([found, found, found]);
  });

  test.each(VERSIONS)('parseMetainfo() reads the links of a %s torrent of libtorrent', async (version) => {
    const root = await linkedFolder(`their links ${version}`);
    const metainfo = await createByLibtorrent(version, root);
    const targets = metainfo.symlinks.map(({ path, target }) => [path.join('/'), target.join('/')]);
    expect(Object.fromEntries(targets)).toEqual(TARGETS);
    expect(metainfo.files.map(({ path, attr }) => [path.join('/'), attr])).toContainEqual(['bin/run', 'x']);
    expect(metainfo.warnings).toEqual([]);
  });

  test('libtorrent reads torrents with names that are not UTF-8, each byte as an underscore', async () => {
    const root = folder.join('raw names');
    await mkdir(root);
    await writeFile(Buffer.from(`${root}/a\xb2\xe2`, 'latin1'), 'x');
    await writeFile(join(root, 'b'), 'y');
    const torrents: string[] = [];
    for (const version of VERSIONS) {
      const { bytes } = await createTorrent(pool, root, { version, pieceLength: PIECE_LENGTH });
      torrents.push(await writeTorrent(`raw ${version}`, bytes));
    }
    const found = { 'raw names/a__': ['file', 1], 'raw names/b': ['file', 1] };
    expect(await loadByLibtorrent(torrents, 'entries')).toEqual([found, found, found]);
  });
});

describe('parseMetainfo() agrees with libtorrent', () => {
  const lengths = { a: 100_000, 'b/c': 1, 'b/d/e': PIECE_LENGTH, 'b.txt': 0, f: 3 * PIECE_LENGTH + 5, g: 7 };

  test.each(VERSIONS)(
    'parseMetainfo() reads a %s torrent of libtorrent, pad files and all',
    async (version) => {
      const root = await folderOf(`libtorrent-${version}`, lengths);
      const metainfo = await createByLibtorrent(version, root);
      expect(metainfo.version).toBe(version);
      expect([inWordsOfLibtorrent(metainfo)]).toEqual(
        await loadByLibtorrent([folder.join('libtorrent.torrent')]),
      );
      expect((await pool.verifyFiles(metainfo, root)).isComplete).toBe(true);
    },
  );

  test.each([
    ['a length', 'd6:lengthi100000e', 'd6:lengthi100001e'],
    ['a name', '4:pathl1:ae', '4:pathl1:xe'],
    ['a pad file', '4:attr1:p6:lengthi31072e', '4:attr1:p6:lengthi31073e'],
  ] as const)(
    'parseMetainfo() and libtorrent refuse a hybrid of libtorrent whose halves differ in %s',
    async (what, from, to) => {
      await createByLibtorrent('hybrid', await folderOf(`halves ${what}`, lengths));
      const bytes = await readFile(folder.join('libtorrent.torrent'));
      const at = bytes.indexOf(from);
      expect(at).toBeGreaterThan(0);
      bytes.write(to, at, 'latin1');
      const tampered = await writeTorrent(`halves ${what}`, bytes);
      expect(() => parseMetainfo(bytes)).toThrow(MetainfoError);
      expect(await loadByLibtorrent([tampered])).toEqual([{ error: expect.any(String) as string }]);
    },
  );

  test.each(VERSIONS)(
    'createTorrent() makes the %s hashes of a file that libtorrent makes',
    async (version) => {
      const path = folder.join(`same-${version}`);
      await writeFile(path, randomBytes(5 * PIECE_LENGTH + 17));
      const theirs = await createByLibtorrent(version, path);
      const ours = (await createTorrent(pool, path, { version, pieceLength: PIECE_LENGTH })).metainfo;
      expect(ours.infoHash).toBe(theirs.infoHash);
      expect(ours.infoHashV2).toBe(theirs.infoHashV2);
      expect(ours.pieces).toEqual(theirs.pieces);
      expect(ours.pieceLayers).toEqual(theirs.pieceLayers);
    },
  );

  test('createTorrent() gives a folder the v2 info-hash that libtorrent gives it', async () => {
    const root = await folderOf('same-folder', lengths);
    const theirs = await createByLibtorrent('v2', root);
    const options = { version: 'v2', pieceLength: PIECE_LENGTH, sha256: false } as const;
    const ours = (await createTorrent(pool, root, options)).metainfo;
    expect(ours.infoHashV2).toBe(theirs.infoHashV2);
  });

  test('parseMetainfo() keeps a v2 folder with one file, which libtorrent takes for the file', async () => {
    const root = await folderOf('lone', { file: 10 });
    const { bytes, metainfo } = await createTorrent(pool, root, { version: 'v2' });
    const [theirs] = await loadByLibtorrent([await writeTorrent('lone', bytes)]);
    expect(theirs).toMatchObject({ v2: metainfo.infoHashV2, name: 'file', files: [{ path: 'file' }] });
    expect(metainfo).toMatchObject({ name: 'lone', isSingleFile: false, files: [{ path: ['file'] }] });
  });
});

describe('parseMetainfo() agrees with libtorrent about torrents of mktorrent', () => {
  beforeEach((context) => requirePeers(context, 'mktorrent'));

  test.each([
    ['a file', { name: 100_000 }],
    ['a folder', { 'name/a': 100_000, 'name/b/c': 40_000, 'name/b/d': 0 }],
  ])('parseMetainfo() reads a torrent that mktorrent made of %s', async (kind, files) => {
    const path = join(await folderOf(`mktorrent ${kind}`, files), 'name');
    const out = folder.join(`mktorrent ${kind}.torrent`);
    const trackers = [
      '-a',
      'http://a.example/announce,http://b.example/announce',
      '-a',
      'http://c.example/announce',
    ];
    await runProcess('mktorrent', ['-l', '15', '-p', ...trackers, '-c', 'comment', '-o', out, path]);
    const metainfo = parseMetainfo(await readFile(out));
    expect([inWordsOfLibtorrent(metainfo)]).toEqual(await loadByLibtorrent([out]));
    expect(metainfo).toMatchObject({ isPrivate: true, comment: 'comment' });
    expect(metainfo.createdBy).toMatch(/^mktorrent/);
    expect(metainfo.announceList).toEqual([
      ['http://a.example/announce', 'http://b.example/announce'],
      ['http://c.example/announce'],
    ]);
    expect((await pool.verifyFiles(metainfo, path)).isComplete).toBe(true);
  });
});

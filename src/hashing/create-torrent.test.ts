import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentIdOf, contentIdOfTorrent, type FolderEntry, parseMetainfo } from '../metainfo/index.ts';
import { createTorrent } from './create-torrent.ts';
import { createHashPool, type HashPool } from './hash-pool.ts';

const hashOf = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');

let folder: string;
let pool: HashPool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-create-'));
  pool = createHashPool({ threads: 2 });
  await mkdir(join(folder, 'tree', 'a'), { recursive: true });
  await mkdir(join(folder, 'tree', '.git'), { recursive: true });
  await mkdir(join(folder, 'tree', 'empty'), { recursive: true });
  await writeFile(join(folder, 'tree', 'a', 'z'), Buffer.alloc(70_000, 1));
  await writeFile(join(folder, 'tree', 'a.txt'), Buffer.alloc(20_000, 2));
  await writeFile(join(folder, 'tree', 'b'), '');
  await writeFile(join(folder, 'tree', 'ü'), 'x');
  await writeFile(join(folder, 'tree', '.hidden'), 'hidden');
  await writeFile(join(folder, 'tree', '.git', 'config'), 'hidden');
  await writeFile(join(folder, 'outside'), 'outside');
  await chmod(join(folder, 'tree', 'b'), 0o755);
  await symlink('.././/a.txt', join(folder, 'tree', 'a', 'up'));
  await symlink('nowhere', join(folder, 'tree', 'dangling'));
});

afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

describe('createTorrent()', () => {
  test.each(['v1', 'v2', 'hybrid'] as const)(
    'createTorrent() makes a %s torrent of a folder',
    async (version) => {
      const { bytes, metainfo, files } = await createTorrent(pool, join(folder, 'tree'), {
        version,
        sha256: true,
      });
      expect(parseMetainfo(bytes, { strict: true })).toEqual(metainfo);
      expect(metainfo).toMatchObject({ version, name: 'tree', isSingleFile: false, pieceLength: 16_384 });
      expect(metainfo.files.map((file) => file.path.join('/'))).toEqual(['a/z', 'a.txt', 'b', 'ü']);
      expect(files.map((file) => file.path)).toEqual(metainfo.files.map((file) => file.path));
      expect(files[3]).toMatchObject({
        diskPath: join(folder, 'tree', 'ü'),
        length: 1,
        sha256: createHash('sha256').update('x').digest('hex'),
      });
    },
  );

  test('createTorrent() makes no SHA-256 of files unless asked', async () => {
    const { files } = await createTorrent(pool, join(folder, 'outside'));
    expect(files).toEqual([
      {
        path: ['outside'],
        diskPath: join(folder, 'outside'),
        length: 7,
        version: expect.stringMatching(/:7:/),
      },
    ]);
  });

  test('createTorrent() gives the same bytes for the same content and name, whatever folder the file is in', async () => {
    await mkdir(join(folder, 'elsewhere'));
    const path = join(folder, 'elsewhere', 'name');
    await writeFile(path, 'content');
    const first = await createTorrent(pool, path);
    await rename(path, join(folder, 'renamed'));
    const second = await createTorrent(pool, join(folder, 'renamed'), { name: 'name' });
    expect(second.bytes).toEqual(first.bytes);
    expect(first.metainfo).toMatchObject({ version: 'hybrid', name: 'name', isSingleFile: true });
    expect(first.metainfo.creationDate).toBeUndefined();
  });

  test('createTorrent() writes the piece length, trackers, comment and private flag of its options', async () => {
    const { metainfo } = await createTorrent(pool, join(folder, 'outside'), {
      pieceLength: 65_536,
      announceList: [['http://tracker/announce']],
      comment: 'comment',
      isPrivate: true,
    });
    expect(metainfo).toMatchObject({
      pieceLength: 65_536,
      announceList: [['http://tracker/announce']],
      comment: 'comment',
      isPrivate: true,
    });
  });

  test.each(['v1', 'v2', 'hybrid'] as const)(
    'createTorrent() makes a %s torrent of all that is in a folder, with its content id',
    async (version) => {
      const made = await createTorrent(pool, join(folder, 'tree'), { version, hidden: true });
      const { bytes, metainfo, contentId, links, emptyFolders, leftOut } = made;
      const entries: FolderEntry[] = [
        { kind: 'file', path: ['.git', 'config'], sha256: hashOf('hidden') },
        { kind: 'file', path: ['.hidden'], sha256: hashOf('hidden') },
        { kind: 'link', path: ['a', 'up'], sha256: hashOf('.././/a.txt') },
        { kind: 'file', path: ['a', 'z'], sha256: hashOf(Buffer.alloc(70_000, 1)) },
        { kind: 'file', path: ['a.txt'], sha256: hashOf(Buffer.alloc(20_000, 2)) },
        { kind: 'executable', path: ['b'], sha256: hashOf('') },
        { kind: 'link', path: ['dangling'], sha256: hashOf('nowhere') },
        { kind: 'emptyFolder', path: ['empty'], sha256: hashOf('') },
        { kind: 'file', path: ['ü'], sha256: hashOf('x') },
      ];
      expect(contentId).toBe(contentIdOf(entries));
      expect(contentIdOfTorrent(parseMetainfo(bytes, { strict: true }))).toBe(contentId);
      expect(metainfo.symlinks).toEqual([
        { path: ['a', 'up'], target: ['a.txt'], linkText: '.././/a.txt' },
        { path: ['dangling'], target: ['nowhere'], linkText: 'nowhere' },
      ]);
      expect(links.map(({ diskPath }) => diskPath)).toContain(join(folder, 'tree', 'dangling'));
      expect(emptyFolders).toEqual([{ path: ['empty'], diskPath: join(folder, 'tree', 'empty') }]);
      expect(leftOut).toEqual({ hidden: 0, links: 0, loops: 0, emptyFolders: 0, special: 0 });
    },
  );

  test('createTorrent() makes no SHA-256 of a folder with `sha256: false`, so that it has no content id', async () => {
    const { metainfo, contentId, files } = await createTorrent(pool, join(folder, 'tree'), { sha256: false });
    expect(contentId).toBeUndefined();
    expect(files[0]!.sha256 ?? metainfo.files[0]!.sha256).toBeUndefined();
  });

  test('createTorrent() counts the hidden names that it leaves out, and keeps a folder of which all is hidden', async () => {
    const root = join(folder, 'hiding');
    await mkdir(join(root, 'logs'), { recursive: true });
    await writeFile(join(root, 'a'), 'a');
    await writeFile(join(root, 'logs', '.gitkeep'), '');
    const { leftOut, skipped, metainfo } = await createTorrent(pool, root);
    expect(leftOut).toEqual({ hidden: 1, links: 0, loops: 0, emptyFolders: 0, special: 0 });
    expect(metainfo.emptyFolders).toEqual([{ path: ['logs'] }]);
    expect(skipped).toEqual([]);
  });

  test('createTorrent() names each link that leads out of the folder, and skips it with skipUnreadable', async () => {
    const root = join(folder, 'leading out');
    await mkdir(join(root, 'sub'), { recursive: true });
    await writeFile(join(root, 'a'), 'a');
    const targets = {
      absolute: join(root, 'a'),
      back: 'sub/../a',
      out: '../outside',
      'sub/out': '../../outside',
    };
    for (const [name, target] of Object.entries(targets)) await symlink(target, join(root, name));
    await symlink('../a', join(root, 'sub', 'fine'));
    const outside = Object.keys(targets).map((name) => join(root, name));
    const refused = await createTorrent(pool, root).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'LINK_OUTSIDE',
      failures: outside.map((path) => ({
        path,
        code: 'LINK_OUTSIDE',
        message: expect.stringContaining('a symbolic link that leads out of the folder, to ') as string,
      })),
    });
    const made = await createTorrent(pool, root, { skipUnreadable: true });
    expect(made.links.map(({ path }) => path.join('/'))).toEqual(['sub/fine']);
    expect(made.skipped.map(({ path }) => path)).toEqual(outside);
  });

  test('createTorrent() names all files that it cannot use in one error, and skips them with skipUnreadable', async () => {
    const root = join(folder, 'unusable');
    await mkdir(join(root, 'sub'), { recursive: true });
    await writeFile(join(root, 'good'), 'good');
    const bad = ['one', 'two'].map((name) => join(root, 'sub', name));
    for (const path of bad) await symlink('nowhere', path);
    const refused = await createTorrent(pool, root, { follow: true }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: `Cannot make a torrent of ${root}: 2 files or folders in it cannot be used`,
      failures: bad.map((path) => ({ code: 'FILE_UNREADABLE', path })),
    });
    const made = await createTorrent(pool, root, { follow: true, skipUnreadable: true });
    expect(made.files.map((file) => file.path)).toEqual([['good']]);
    expect(made.skipped.map((failure) => failure.path)).toEqual(bad);
  });

  test('createTorrent() keeps the very bytes of names, so that no name is taken for the escapes of another', async () => {
    const root = join(folder, 'doubled');
    await mkdir(root);
    await writeFile(join(root, '%B2'), 'escapes');
    const raw = Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xb2)]);
    await writeFile(raw, 'a byte');
    await symlink(Buffer.of(0xb2), join(root, 'link'));
    const { metainfo } = await createTorrent(pool, root);
    expect(metainfo.files.map(({ path, exactPath }) => [path, exactPath])).toEqual([
      [['%B2'], undefined],
      [['%B2'], ['\udcb2']],
    ]);
    expect(metainfo.symlinks[0]).toMatchObject({ target: ['\udcb2'], linkText: '\udcb2' });
  });

  test.each<[string, (root: string) => void, string]>([
    [
      'a link leads elsewhere',
      (root) => {
        rmSync(join(root, 'l'));
        symlinkSync('x', join(root, 'l'));
      },
      '"l" in it was changed',
    ],
    ['a link is removed', (root) => rmSync(join(root, 'l')), '"l" in it was removed'],
    ['a file becomes executable', (root) => chmodSync(join(root, 'a'), 0o755), '"a" in it was changed'],
    ['a file is added', (root) => writeFileSync(join(root, 'd', 'b'), ''), '"d" in it was removed'],
    ['an empty folder is added', (root) => mkdirSync(join(root, 'e')), '"e" in it was added'],
  ])('createTorrent() refuses a folder in which %s while it is read', async (what, change, found) => {
    const root = join(folder, what);
    await mkdir(join(root, 'd'), { recursive: true });
    await writeFile(join(root, 'a'), 'a');
    await symlink('a', join(root, 'l'));
    const onTotal = () => change(root);
    await expect(createTorrent(pool, root, { onTotal })).rejects.toMatchObject({
      code: 'FILE_CHANGED',
      path: root,
      message: `Cannot hash ${root}: ${found} while the folder was read`,
    });
  });

  test('createTorrent() names each file that changes while it is hashed, and skips it with skipUnreadable', async () => {
    const root = join(folder, 'changing');
    await mkdir(root);
    const names = ['a', 'b', 'c'].map((name) => join(root, name));
    for (const path of names) await writeFile(path, 'before');
    // The file changes between the listing and the reading.
    const onTotal = () => {
      appendFileSync(names[0]!, 'after');
      rmSync(names[2]!, { force: true });
    };
    const refused = await createTorrent(pool, root, { onTotal }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'FILE_CHANGED',
      failures: [
        { path: names[0], code: 'FILE_CHANGED' },
        { path: names[2], code: 'FILE_UNREADABLE' },
      ],
    });
    await writeFile(names[2]!, 'before');
    const made = await createTorrent(pool, root, { onTotal, skipUnreadable: true });
    expect(made.files.map((file) => file.path)).toEqual([['b']]);
    expect(made.skipped.map((failure) => failure.path)).toEqual([names[0], names[2]]);
  });

  test('createTorrent() refuses a folder without files, a missing path and a bad name', async () => {
    await expect(createTorrent(pool, join(folder, 'tree', 'empty'))).rejects.toMatchObject({
      code: 'NO_FILES',
    });
    await expect(createTorrent(pool, join(folder, 'none'))).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    });
    await expect(createTorrent(pool, join(folder, 'outside'), { name: '..' })).rejects.toMatchObject({
      code: 'BAD_NAME',
    });
  });
});

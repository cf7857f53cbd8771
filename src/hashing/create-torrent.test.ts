import { createHash } from 'node:crypto';
import { appendFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMetainfo } from '../metainfo/index.ts';
import { diskPathFromBytes } from '../util/index.ts';
import { createTorrent } from './create-torrent.ts';
import { createHashPool, type HashPool } from './hash-pool.ts';

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
  await symlink(join(folder, 'outside'), join(folder, 'tree', 'link'));
  await symlink(folder, join(folder, 'tree', 'loop'));
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

  test('createTorrent() counts the hidden files, links and empty folders that it leaves out of the torrent', async () => {
    const { leftOut, skipped } = await createTorrent(pool, join(folder, 'tree'));
    expect(leftOut).toEqual({ hidden: 2, links: 2, loops: 0, emptyFolders: 1, special: 0 });
    expect(skipped).toEqual([]);
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

  test('createTorrent() names a file whose escaped name is that of another, and skips it with skipUnreadable', async () => {
    const root = join(folder, 'doubled');
    await mkdir(root);
    await writeFile(join(root, '%B2'), 'escapes');
    const raw = Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xb2)]);
    await writeFile(raw, 'a byte');
    const path = diskPathFromBytes(raw);
    const refused = await createTorrent(pool, root).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'BAD_NAME', failures: [{ code: 'BAD_NAME', path }] });
    const made = await createTorrent(pool, root, { skipUnreadable: true });
    expect(made.files.map(({ diskPath }) => diskPath)).toEqual([join(root, '%B2')]);
    expect(made.skipped.map((failure) => failure.path)).toEqual([path]);
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

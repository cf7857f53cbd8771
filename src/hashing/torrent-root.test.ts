import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createTorrent } from './create-torrent.ts';
import { createHashPool } from './hash-pool.ts';
import { requireThere, torrentRootAt } from './torrent-root.ts';

const folder = await mkdtemp(join(tmpdir(), 'shoal-root-'));
const pool = createHashPool({ threads: 1 });
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

test('torrentRootAt() finds the folder of a torrent that contains a folder of the same name', async () => {
  const root = join(folder, 'album');
  await mkdir(join(root, 'album'), { recursive: true });
  await writeFile(join(root, 'a'), 'a');
  await writeFile(join(root, 'album', 'b'), 'b');
  const { metainfo } = await createTorrent(pool, root);
  expect(await torrentRootAt(metainfo, root)).toBe(root);
  expect(await torrentRootAt(metainfo, folder)).toBe(root);
});

test('torrentRootAt() finds a folder whose name is not UTF-8', async () => {
  const raw = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from('b2e2', 'hex')]);
  await mkdir(raw);
  await writeFile(Buffer.concat([raw, Buffer.from('/a')]), 'a');
  const path = join(folder, '\udcb2\udce2');
  const { metainfo } = await createTorrent(pool, path);
  expect(metainfo.name).toBe('%B2%E2');
  expect(await torrentRootAt(metainfo, folder)).toBe(path);
  expect((await pool.verifyFiles(metainfo, path)).isComplete).toBe(true);
});

test('torrentRootAt() gives the path of the file that is missing in a folder', async () => {
  await writeFile(join(folder, 'single'), 'a');
  const { metainfo } = await createTorrent(pool, join(folder, 'single'));
  await mkdir(join(folder, 'empty'));
  expect(await torrentRootAt(metainfo, join(folder, 'empty'))).toBe(join(folder, 'empty', 'single'));
  expect(await torrentRootAt(metainfo, join(folder, 'nothing'))).toBe(join(folder, 'nothing'));
});

test('requireThere() names the path that does not exist', async () => {
  await expect(requireThere(folder)).resolves.toBeUndefined();
  const path = join(folder, 'nothing');
  await expect(requireThere(path)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', path });
});

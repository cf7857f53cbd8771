import { chmod, cp, mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Metainfo } from '../metainfo/index.ts';
import { createTorrent } from './create-torrent.ts';
import { fileStateOf } from './file-state.ts';
import { checkFolder } from './folder-check.ts';
import { createHashPool, type HashPool } from './hash-pool.ts';

let folder: string;
let root: string;
let pool: HashPool;
let metainfo: Metainfo;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-folder-check-'));
  pool = createHashPool({ threads: 1 });
  const original = join(folder, 'original');
  await mkdir(join(original, 'e/f'), { recursive: true });
  await mkdir(join(original, 'bin'));
  await writeFile(join(original, 'bin/run'), 'run');
  await writeFile(join(original, 'plain'), 'plain');
  await chmod(join(original, 'bin/run'), 0o755);
  await symlink('../plain', join(original, 'bin/link'));
  metainfo = (await createTorrent(pool, original)).metainfo;
});

afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  root = join(folder, 'copy');
  await rm(root, { recursive: true, force: true });
  await cp(join(folder, 'original'), root, { recursive: true, verbatimSymlinks: true });
});

async function check(torrent = metainfo) {
  const verified = await pool.verifyFiles(torrent, root, { sha256: true });
  const states = torrent.files.map((_, index) => fileStateOf(torrent, verified, index));
  return { ...(await checkFolder(pool, torrent, root, verified)), states };
}

describe('checkFolder()', () => {
  test('finds nothing wrong in a copy of the folder', async () => {
    expect(await check()).toEqual({ faults: [], wrongModes: new Set(), extra: [], states: ['ok', 'ok'] });
  });

  test('finds links that are missing or lead elsewhere, and empty folders that are missing or something else', async () => {
    await unlink(join(root, 'bin/link'));
    await rm(join(root, 'e'), { recursive: true });
    expect((await check()).faults).toEqual([
      { kind: 'link', path: ['bin', 'link'], fault: 'missing' },
      { kind: 'emptyFolder', path: ['e', 'f'], fault: 'missing' },
    ]);
    await symlink('missing', join(root, 'bin/link'));
    await mkdir(join(root, 'e'));
    await writeFile(join(root, 'e/f'), '');
    expect((await check()).faults.map(({ fault }) => fault)).toEqual(['wrong', 'wrong']);
    await unlink(join(root, 'bin/link'));
    await writeFile(join(root, 'bin/link'), 'plain');
    expect((await check()).faults[0]).toMatchObject({ kind: 'link', fault: 'wrong' });
  });

  test('finds wrong executable bits of a torrent with a content id, and of no other', async () => {
    await chmod(join(root, 'bin/run'), 0o644);
    await chmod(join(root, 'plain'), 0o755);
    expect([...(await check()).wrongModes]).toEqual([0, 1]);
    const foreign = { ...metainfo, files: metainfo.files.map(({ sha256: _sha256, ...file }) => file) };
    expect((await check(foreign)).wrongModes.size).toBe(0);
  });

  test('lists what is in the folder and not of the torrent', async () => {
    await writeFile(join(root, '.hidden'), '');
    await symlink('x', join(root, 'bin/other'));
    await mkdir(join(root, 'none'));
    expect((await check()).extra).toEqual(['.hidden', 'bin/other', 'none']);
  });
});

describe('fileStateOf()', () => {
  test('is damaged for a file whose SHA-256 is not that of the torrent, even if its pieces are good', async () => {
    const [first, second] = metainfo.files;
    const other = { ...metainfo, files: [{ ...first!, sha256: new Uint8Array(32) }, second!] };
    expect((await check(other)).states).toEqual(['damaged', 'ok']);
  });
});

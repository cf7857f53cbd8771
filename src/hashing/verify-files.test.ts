import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, mkdtemp, open, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Metainfo } from '../metainfo/index.ts';
import { createTorrent } from './create-torrent.ts';
import { createHashPool, type HashPool } from './hash-pool.ts';

const VERSIONS = ['v1', 'v2', 'hybrid'] as const;

let folder: string;
let root: string;
let pool: HashPool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-verify-'));
  pool = createHashPool({ threads: 2 });
  await mkdir(join(folder, 'original'));
  // The file has only zeros, and a missing byte is read as zero, too.
  await writeFile(join(folder, 'original', 'a'), Buffer.alloc(100_000));
  await writeFile(join(folder, 'original', 'b'), Buffer.alloc(50_000, 'b'));
  await writeFile(join(folder, 'original', 'c'), '');
  await writeFile(join(folder, 'original', 'd'), Buffer.alloc(16_384, 'd'));
});

afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  root = join(folder, 'copy');
  await rm(root, { recursive: true, force: true });
  await cp(join(folder, 'original'), root, { recursive: true });
});

async function metainfoOf(version: Metainfo['version']): Promise<Metainfo> {
  const { metainfo } = await createTorrent(pool, join(folder, 'original'), { version, pieceLength: 16_384 });
  return metainfo;
}

/** Indices of the pieces that are not good. */
async function badPieces(metainfo: Metainfo): Promise<number[]> {
  const { good } = await pool.verifyFiles(metainfo, root);
  return Array.from({ length: metainfo.pieceCount }, (_, index) => index).filter((index) => !good.has(index));
}

describe.each(VERSIONS)('HashPool.verifyFiles() of %s', (version) => {
  test('verifyFiles() finds all pieces good, and makes the SHA-256 of each file when asked', async () => {
    const result = await pool.verifyFiles(await metainfoOf(version), root, { sha256: true });
    expect(result.isComplete).toBe(true);
    expect(result.good.isFull).toBe(true);
    expect(result.files.map((file) => file.fault)).toEqual([undefined, undefined, undefined, undefined]);
    expect(result.files[2]!.sha256).toBe(createHash('sha256').digest('hex'));
    expect(result.files[1]).toEqual({
      path: ['b'],
      version: expect.stringMatching(/:50000:/),
      diskPath: join(root, 'b'),
      sha256: createHash('sha256').update(Buffer.alloc(50_000, 'b')).digest('hex'),
    });
  });

  test('verifyFiles() finds the piece with a wrong byte', async () => {
    const file = await open(join(root, 'a'), 'r+');
    await file.write(Buffer.from('x'), 0, 1, 40_000);
    await file.close();
    expect(await badPieces(await metainfoOf(version))).toEqual([2]);
  });

  test('verifyFiles() counts no piece of a missing file as good, even if the piece is all zeros', async () => {
    await unlink(join(root, 'a'));
    const metainfo = await metainfoOf(version);
    expect(await badPieces(metainfo)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const result = await pool.verifyFiles(metainfo, root, { sha256: true });
    expect(result.files[0]).toEqual({
      path: ['a'],
      diskPath: join(root, 'a'),
      fault: 'missing',
      version: '',
    });
  });

  test('verifyFiles() counts as good the pieces that a short file still has', async () => {
    await truncate(join(root, 'a'), 40_000);
    const metainfo = await metainfoOf(version);
    expect(await badPieces(metainfo)).toEqual([2, 3, 4, 5, 6]);
    expect((await pool.verifyFiles(metainfo, root)).files[0]!.fault).toBe('short');
  });

  test('verifyFiles() reports a file that is too long, though its pieces are good', async () => {
    await appendFile(join(root, 'd'), 'more');
    await appendFile(join(root, 'c'), 'not empty');
    const result = await pool.verifyFiles(await metainfoOf(version), root);
    expect(result.good.isFull).toBe(true);
    expect(result.isComplete).toBe(false);
    expect(result.files.map((file) => file.fault)).toEqual([undefined, undefined, 'long', 'long']);
  });

  test('verifyFiles() reports an empty file that is missing', async () => {
    await unlink(join(root, 'c'));
    const result = await pool.verifyFiles(await metainfoOf(version), root);
    expect(result.files[2]!.fault).toBe('missing');
    expect(result.isComplete).toBe(false);
  });

  test('verifyFiles() of a folder that does not exist reports every file as missing', async () => {
    const result = await pool.verifyFiles(await metainfoOf(version), join(folder, 'none'));
    expect(result.good.count).toBe(0);
    expect(result.files.map((file) => file.fault)).toEqual(['missing', 'missing', 'missing', 'missing']);
  });

  test('verifyFiles() takes the path of a single file', async () => {
    const { metainfo } = await createTorrent(pool, join(root, 'b'), { version });
    expect((await pool.verifyFiles(metainfo, join(root, 'b'))).isComplete).toBe(true);
    expect((await pool.verifyFiles(metainfo, join(root, 'd'))).isComplete).toBe(false);
  });
});

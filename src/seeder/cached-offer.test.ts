import { randomBytes } from 'node:crypto';
import { chmod, copyFile, link, mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FakeClock, type TempFolder, tempFolder } from '../../test/support/index.ts';
import { createHashPool, createTorrent, type HashPool } from '../hashing/index.ts';
import { toHex } from '../util/index.ts';
import { makeOfferCached } from './cached-offer.ts';
import { HashCache } from './hash-cache/index.ts';
import type { OfferSource } from './offer.ts';

/**
 * Opens a cache in a folder, as a seeder does when it starts, and counts the times that files are read.
 *
 * @param later the milliseconds by which the clock is ahead, so that files count as old
 */
function start(folder: TempFolder, later = 1000) {
  const pool = createHashPool({ threads: 1 });
  let reads = 0;
  const counted = {
    hashFiles: (...args: Parameters<HashPool['hashFiles']>) => {
      reads += 1;
      return pool.hashFiles(...args);
    },
    verifyFiles: (...args: Parameters<HashPool['verifyFiles']>) => {
      reads += 1;
      return pool.verifyFiles(...args);
    },
  };
  const cache = new HashCache({
    folder: folder.join('cache'),
    maxBytes: 1_000_000,
    clock: new FakeClock(),
    onFailed: (error) => {
      throw error;
    },
    onDebug: () => {},
  });
  return {
    pool,
    /** @returns the offer, and how often files were read for it */
    offer: async (source: OfferSource) => {
      reads = 0;
      const making = { pool: counted as unknown as HashPool, cache, now: () => Date.now() + later };
      const offer = await makeOfferCached(making, source, {});
      await cache.flush();
      return { offer, reads };
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

test('makeOfferCached() reads an unchanged file once, and makes the same offer of it', async () => {
  await using folder = await tempFolder();
  const path = folder.join('a');
  await writeFile(path, 'content');
  const source = { kind: 'file', path, version: 'hybrid' } as const;
  await using first = start(folder);
  const before = await first.offer(source);
  await using second = start(folder);
  const after = await second.offer(source);
  expect([before.reads, after.reads]).toEqual([1, 0]);
  expect(after.offer).toEqual(before.offer);
  expect((await second.offer({ ...source, version: 'v1' })).reads).toBe(1);
});

test.each([
  ['it has other bytes', (path: string) => writeFile(path, 'CONTENT')],
  [
    'it has other bytes and the old time of its last write',
    async (path: string) => {
      const { atime, mtime } = await stat(path);
      await writeFile(path, 'CONTENT');
      await utimes(path, atime, mtime);
    },
  ],
  [
    'another file was renamed to its name',
    async (path: string) => {
      await writeFile(`${path}2`, 'CONTENT');
      await rename(`${path}2`, path);
    },
  ],
  ['it is longer', (path: string) => writeFile(path, 'content and more')],
])('makeOfferCached() reads a file again when %s', async (_how, change) => {
  await using folder = await tempFolder();
  const path = folder.join('a');
  await writeFile(path, 'content');
  const source = { kind: 'file', path, version: 'v1' } as const;
  await using first = start(folder);
  const before = await first.offer(source);
  await change(path);
  await using second = start(folder);
  const after = await second.offer(source);
  expect(after.reads).toBe(1);
  expect(after.offer.sha256).not.toBe(before.offer.sha256);
});

test('makeOfferCached() does not keep the hashes of a file that was written just before', async () => {
  await using folder = await tempFolder();
  const path = folder.join('a');
  const source = { kind: 'file', path, version: 'v1' } as const;
  await using started = start(folder, 0);
  await writeFile(path, 'content');
  await started.offer(source);
  await using again = start(folder, 0);
  expect((await again.offer(source)).reads).toBe(1);
});

test('makeOfferCached() does not take the hashes of another file of the same name and size', async () => {
  await using folder = await tempFolder();
  await mkdir(folder.join('b'));
  await writeFile(folder.join('a'), 'content');
  await using started = start(folder);
  await started.offer({ kind: 'file', path: folder.join('a'), version: 'v1' });
  await copyFile(folder.join('a'), folder.join('b/a'));
  expect((await started.offer({ kind: 'file', path: folder.join('b/a'), version: 'v1' })).reads).toBe(1);
  await link(folder.join('a'), folder.join('c'));
  expect((await started.offer({ kind: 'file', path: folder.join('c'), version: 'v1' })).reads).toBe(1);
});

test('makeOfferCached() checks the files of a torrent once, until one of them changes', async () => {
  await using folder = await tempFolder();
  const data = folder.join('data');
  await mkdir(data);
  await writeFile(folder.join('data/a'), randomBytes(40_000));
  await writeFile(folder.join('data/b'), 'content');
  await using first = start(folder);
  const { bytes: torrent, metainfo } = await createTorrent(first.pool, data, {});
  const source = { kind: 'torrent', torrent, metainfo, data } as const;
  const before = await first.offer(source);
  await using second = start(folder);
  const after = await second.offer(source);
  expect([before.reads, after.reads]).toEqual([1, 0]);
  expect(after.offer).toEqual(before.offer);
  await writeFile(folder.join('data/b'), 'CONTENT');
  await expect(second.offer(source)).rejects.toMatchObject({ code: 'MISMATCH' });
});

test('makeOfferCached() keeps the SHA-256 of the file of a torrent', async () => {
  await using folder = await tempFolder();
  const data = folder.join('a');
  await writeFile(data, 'content');
  await using first = start(folder);
  const { bytes: torrent, metainfo } = await createTorrent(first.pool, data, {});
  const source = { kind: 'torrent', torrent, metainfo, data } as const;
  const before = await first.offer(source);
  await using second = start(folder);
  const after = await second.offer(source);
  expect(after).toEqual({ offer: before.offer, reads: 0 });
  expect(toHex(Buffer.from(after.offer.sha256!, 'hex'))).toHaveLength(64);
});

test('makeOfferCached() refuses a file that this process may not read, although its hashes are kept', async () => {
  if (process.geteuid?.() === 0) return;
  await using folder = await tempFolder();
  const path = folder.join('a');
  await writeFile(path, 'content');
  const source = { kind: 'file', path, version: 'v1' } as const;
  await using started = start(folder);
  await started.offer(source);
  await chmod(path, 0);
  await expect(started.offer(source)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});

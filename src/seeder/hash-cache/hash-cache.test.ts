import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FakeClock, tempFolder } from '../../../test/support/index.ts';
import { HashCache } from './hash-cache.ts';

const HASH_BYTES = 32;
const hash = (byte: number) => new Uint8Array(HASH_BYTES).fill(byte);

/** Opens a cache of a folder. */
function open(folder: string, { maxBytes = 1_000_000, now = () => Date.now() } = {}) {
  const clock = new FakeClock();
  const failures: string[] = [];
  const debug: string[] = [];
  const cache = new HashCache({
    folder,
    maxBytes,
    clock,
    now,
    onFailed: ({ message }) => failures.push(message),
    onDebug: (message) => debug.push(message),
  });
  const found = async (key: number, state = key) =>
    Buffer.from((await cache.find(hash(key), hash(state)))?.torrent ?? 'none').toString();
  const keep = (key: number, torrent: string, state = key) =>
    cache.keep(hash(key), hash(state), { torrent: Buffer.from(torrent), id: undefined });
  return { cache, clock, failures, debug, found, keep };
}

test('HashCache finds what was kept by an earlier one, for the same state only', async () => {
  await using folder = await tempFolder();
  const path = folder.join('new/cache');
  const first = open(path);
  first.cache.keep(hash(1), hash(2), { torrent: Buffer.from('t'), id: hash(3) });
  await first.cache.close();
  const second = open(path);
  const found = await second.cache.find(hash(1), hash(2));
  expect([Buffer.from(found!.torrent).toString(), [...found!.id!]]).toEqual(['t', [...hash(3)]]);
  expect(await second.found(1, 1)).toBe('none');
  expect(await second.found(2, 2)).toBe('none');
  expect([first.failures, second.failures, second.debug]).toEqual([[], [], []]);
});

test('HashCache writes new entries after a while, together', async () => {
  await using folder = await tempFolder();
  const { clock, keep, cache } = open(folder.path);
  keep(1, 'a');
  keep(2, 'b');
  await clock.pass(60_000);
  await cache.flush();
  expect(await readdir(folder.path)).toHaveLength(1);
  await cache.close();
  expect(await open(folder.path).found(2)).toBe('b');
  expect(clock.pendingCount).toBe(0);
});

test('HashCache loses no entry when several write to one folder again and again', async () => {
  await using folder = await tempFolder();
  const caches = Array.from({ length: 3 }, () => open(folder.path));
  for (let key = 0; key < 24; key += 1) {
    await Promise.all(
      caches.map(({ cache, keep }, at) => {
        keep(3 * key + at, `${at} ${key}`);
        return cache.flush();
      }),
    );
  }
  const { found, debug } = open(folder.path);
  for (let key = 0; key < 72; key += 1) expect(await found(key)).toBe(`${key % 3} ${Math.floor(key / 3)}`);
  expect(debug).toEqual([]);
  expect((await readdir(folder.path)).length).toBeLessThan(50);
  expect(caches.flatMap(({ failures }) => failures)).toEqual([]);
});

test('HashCache keeps to its limit, and forgets what was not used for the longest time', async () => {
  await using folder = await tempFolder();
  let time = 0;
  const maxBytes = 20_000;
  const { cache, keep } = open(folder.path, { maxBytes, now: () => time });
  for (let key = 0; key < 40; key += 1) {
    time += 1;
    keep(key, 'x'.repeat(1000));
    await cache.flush();
  }
  const names = await readdir(folder.path);
  const sizes = await Promise.all(names.map(async (name) => (await readFile(folder.join(name))).length));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(maxBytes + 2000);
  const { found } = open(folder.path, { maxBytes: 2 * maxBytes, now: () => time });
  expect(await found(0)).toBe('none');
  expect(await found(39)).toHaveLength(1000);
});

test('HashCache keeps an entry that is used, although others are newer', async () => {
  await using folder = await tempFolder();
  const day = 24 * 3_600_000;
  let time = day;
  const now = () => time;
  const first = open(folder.path, { now });
  first.keep(1, 'used');
  await first.cache.close();
  time += 2 * day;
  const second = open(folder.path, { now });
  expect(await second.found(1)).toBe('used');
  await second.cache.close();
  const [, refreshed] = await readdir(folder.path);
  expect(refreshed).toBeDefined();
});

test('HashCache ignores damaged and foreign files and tells of them, and keeps what is whole', async () => {
  await using folder = await tempFolder();
  const first = open(folder.path);
  first.keep(1, 'one');
  first.keep(2, 'two');
  first.keep(3, 'three');
  await first.cache.close();
  const [name] = await readdir(folder.path);
  const bytes = await readFile(folder.join(name!));
  bytes[bytes.indexOf('two')]! ^= 1;
  await writeFile(folder.join(name!), bytes);
  await writeFile(folder.join(`${'0'.repeat(32)}.hashes`), 'something else');
  await writeFile(folder.join(`${'1'.repeat(32)}.hashes`), bytes.subarray(0, bytes.length - 1));
  await symlink('/dev/zero', folder.join(`${'2'.repeat(32)}.hashes`));
  const { found, debug, failures } = open(folder.path);
  expect([await found(1), await found(2), await found(3)]).toEqual(['one', 'none', 'three']);
  expect(debug).toHaveLength(4);
  expect(failures).toEqual([]);
});

test('HashCache takes an entry of the future for the oldest', async () => {
  await using folder = await tempFolder();
  const wrong = open(folder.path, { now: () => 1e15 });
  wrong.keep(1, 'wrong');
  await wrong.cache.close();
  const right = open(folder.path);
  right.keep(1, 'right');
  await right.cache.close();
  expect(await open(folder.path).found(1)).toBe('right');
});

test('HashCache tells once that its folder cannot be used, and goes on without it', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('file'), '');
  const { cache, failures, found, keep } = open(folder.join('file/cache'));
  expect(await found(1)).toBe('none');
  keep(1, 'a');
  await cache.flush();
  keep(2, 'b');
  await cache.close();
  expect(failures).toEqual([expect.stringContaining('ENOTDIR')]);
});

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Encodable, encode } from '../../src/bencode/index.ts';
import { MAX_METAINFO_BYTES } from '../../src/metainfo/index.ts';
import { makeFile, tempFolder } from '../support/index.ts';
import { failureOf, getFile, KIB, startSeeder, startTracker } from './shoal.ts';

// A .torrent comes from anyone. None of these may be taken, and none may leave anything on the disk.

const TRACKER = 'http://127.0.0.1:9/announce';
const HASH = new Uint8Array(20);

const torrent = (info: Encodable): Uint8Array => encode({ announce: TRACKER, info });
const file = { name: 'a.bin', 'piece length': 16 * KIB, pieces: HASH, length: 1 };
const v1File = (change: Record<string, Encodable>): Uint8Array => torrent({ ...file, ...change });
/** A v1 torrent of one file at a path. */
const v1Path = (...path: Encodable[]): Uint8Array => {
  const { length, ...rest } = file;
  return torrent({ ...rest, name: 'folder', files: [{ length, path }] });
};
/** A v2 torrent of a file in a folder that has the name. */
const v2Path = (name: string, root = new Uint8Array(32).fill(1)): Uint8Array => {
  const leaf = { '': { length: 1, 'pieces root': root } };
  const key = Buffer.from(name).toString('latin1');
  const info = { name: 'folder', 'piece length': 16 * KIB, 'meta version': 2 };
  return encode({
    announce: TRACKER,
    info: { ...info, 'file tree': { [key]: leaf, z: leaf } },
    'piece layers': {},
  });
};

const GOOD = v1File({});

const TORRENTS: Readonly<Record<string, () => Uint8Array>> = {
  'nothing in it': () => new Uint8Array(),
  'half of it missing': () => GOOD.subarray(0, GOOD.length / 2),
  'its last byte missing': () => GOOD.subarray(0, -1),
  'more bytes than are taken': () => v1File({ padding: new Uint8Array(MAX_METAINFO_BYTES) }),
  'a hundred thousand lists in each other': () => Buffer.from('l'.repeat(100_000) + 'e'.repeat(100_000)),
  'lists in each other inside info': () =>
    Buffer.from(`d4:infod1:x${'l'.repeat(50_000)}${'e'.repeat(50_000)}ee`),
  'a web page in it': () => Buffer.from('<!doctype html><title>404</title>'),
  'zeros in it': () => new Uint8Array(1_000),
  'a string longer than itself': () => Buffer.from('d4:info999999999999:xe'),
  'no info': () => encode({ announce: TRACKER }),
  'a number for info': () => torrent(7),
  'a length below zero': () => v1File({ length: -1 }),
  'a length beyond all numbers': () => v1File({ length: 2n ** 63n - 1n }),
  'a piece length of zero': () => v1File({ 'piece length': 0 }),
  'a piece length of 2 GiB': () => v1File({ 'piece length': 2 ** 31 }),
  'too few piece hashes': () => v1File({ length: 100 * KIB }),
  'half a piece hash': () => v1File({ pieces: new Uint8Array(10) }),
  'no path': () => v1Path(),
  'nothing but a symbolic link': () => v1File({ attr: 'l' }),
  'a root of zeros': () => v2Path('a', new Uint8Array(32)),
};

/** Names that are not those of one file in one folder on some system. */
const NAMES = [
  '..',
  '.',
  '../evil',
  '/evil',
  '/tmp/evil',
  'a/b',
  'a\\b',
  '..\\evil',
  'C:evil',
  'C:\\evil',
  'nul\0',
];
const RESERVED = [
  'CON',
  'nul.txt',
  'com1',
  'LPT9.log',
  'ends with a dot.',
  'ends with a space ',
  'line\nbreak',
];

function torrentOf(...paths: string[][]): Uint8Array {
  const files = paths.map((path) => ({ length: 1, path }));
  return torrent({ name: 'folder', 'piece length': 16 * KIB, pieces: HASH, files });
}

/** Tries a torrent in a folder within a folder, and checks that both stay as they were. */
async function expectRefusal(bytes: Uint8Array): Promise<void> {
  await using folder = await tempFolder();
  await makeFile(folder.join('in/there/already.bin'), 10, 'already');
  await makeFile(folder.join('evil'), 10, 'evil');
  const before = await readdir(folder.path, { recursive: true });
  const signal = AbortSignal.timeout(10_000);
  for (const output of [folder.join('in/there'), folder.join('in/there/got.bin')]) {
    expect(await failureOf(getFile({ torrent: bytes, output, signal }))).toBe('BAD_TORRENT');
  }
  const seeding = startSeeder({ torrents: [{ torrent: bytes, data: folder.join('in') }] });
  await expect(seeding).rejects.toMatchObject({ code: 'BAD_TORRENT' });
  expect(await readdir(folder.path, { recursive: true })).toEqual(before);
}

describe('get() and createSeeder()', () => {
  test('get() takes the same torrents with nothing wrong in them', async () => {
    await using folder = await tempFolder();
    const torrents = [GOOD, v1Path('a'), v1Path('a', 'b', 'c'), v2Path('a'), torrentOf(['a'], ['b'])];
    const failures = torrents.map((torrent, at) => {
      const output = folder.join(`got ${at}`);
      return failureOf(getFile({ torrent, output, trackerPatienceMs: 1, onWarning: () => {} }));
    });
    // Nobody is there to announce them to.
    expect(new Set(await Promise.all(failures))).toEqual(new Set(['UNREACHABLE']));
  });

  test('get() and createSeeder() take a torrent with a symbolic link, and warn of nothing', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('data/a'), 1, 'a');
    const pieces = createHash('sha1')
      .update(await readFile(folder.join('data/a')))
      .digest();
    const files = [
      { length: 1, path: ['a'] },
      { length: 0, path: ['link'], attr: 'l', 'symlink path': ['a'] },
    ];
    const linked = encode({ info: { name: 'folder', 'piece length': 16 * KIB, pieces, files } });
    await using tracker = await startTracker();
    const warnings: string[] = [];
    const onWarning = (error: Error, context: string) => warnings.push(`${context}: ${error.message}`);
    const data = folder.join('data');
    await using _ = await startSeeder({
      torrents: [{ torrent: linked, data }],
      tracker: tracker.url,
      onWarning,
    });
    const output = folder.join('got');
    await getFile({ torrent: linked, tracker: tracker.url, output, onWarning });
    expect(await readdir(output)).toEqual(['a', 'link']);
    expect(await readlink(join(output, 'link'))).toBe('a');
    expect(warnings).toEqual([]);
  });

  test.each(Object.entries(TORRENTS))(
    'get() and createSeeder() refuse a torrent with %s',
    async (_, make) => {
      await expectRefusal(make());
    },
  );

  test.each([...NAMES, ...RESERVED, ''])(
    'get() puts files with the name %j below its output alone, and verifies them there',
    async (name) => {
      await using folder = await tempFolder();
      await makeFile(folder.join('in/there/already.bin'), 10, 'already');
      await makeFile(folder.join('evil'), 10, 'evil');
      const before = (await readdir(folder.path, { recursive: true })).sort();
      const empty = { length: 0, path: [name] };
      const infos: Encodable[] = [
        { name, length: 0 },
        { name, files: [empty, { length: 0, path: [name] }, { length: 0, path: [name, 'below'] }] },
        { name: 'folder', files: [empty, { length: 0, path: ['folder', name, 'file'] }] },
      ];
      for (const info of infos) {
        const bytes = encode({ info: { 'piece length': 16 * KIB, pieces: '', ...(info as object) } });
        const output = folder.join('in/there/out');
        await mkdir(output);
        await getFile({ torrent: bytes, output, onWarning: () => {} });
        const found = await readdir(folder.path, { recursive: true });
        expect(found.filter((path) => !path.startsWith('in/there/out')).sort()).toEqual(before);
        await using seeder = await startSeeder({ torrents: [{ torrent: bytes, data: output }] });
        expect(seeder.torrents).toHaveLength(1);
        await rm(output, { recursive: true });
      }
    },
  );
});

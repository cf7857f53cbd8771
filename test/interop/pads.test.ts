import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createHashPool, createTorrent } from '../../src/hashing/index.ts';
import {
  filesIn,
  makeFile,
  requirePeers,
  startLibtorrent,
  type TempFolder,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { getTorrent, KIB, type OurTracker, startSeeder, startTracker } from './shoal.ts';

// Folders of many small files: pad bytes between them are not sent.

/** Sizes as in a folder of modules: most are small, a few are not; in all 8 MB. */
const SIZES = Array.from({ length: 300 }, (_, at) => Math.round(200 * 1.8 ** ((at * 7) % 10) + at * 31));
const SIZE = SIZES.reduce((sum, size) => sum + size, 0);
/** The bytes that a download may take, in sizes of the files: some blocks come twice at its end. */
const MAX_COPIES = 1.05;
/** The bytes that libtorrent asks for: a whole number of blocks for each file, for it requests no parts of blocks. */
const IN_BLOCKS = SIZES.reduce((sum, size) => sum + Math.ceil(size / (16 * KIB)) * 16 * KIB, 0);

async function makeModules(folder: TempFolder, trackers: readonly string[]) {
  for (const [at, size] of SIZES.entries())
    await makeFile(folder.join(`tree/${at % 20}/${at}.js`), size, `${at}`);
  await using pool = createHashPool();
  const created = await createTorrent(pool, folder.join('tree'), { announceList: [trackers] });
  await writeFile(folder.join('tree.torrent'), created.bytes);
  return { created, files: await filesIn(folder.join('tree')) };
}

async function seed(folder: TempFolder, tracker: OurTracker) {
  const torrents = [{ torrent: await readFile(folder.join('tree.torrent')), data: folder.join('tree') }];
  return startSeeder({ tracker: tracker.url, torrents });
}

test('get() of a folder of small files from our seeder moves no more than its bytes', async () => {
  await using folder = await tempFolder();
  await using tracker = await startTracker();
  const { created, files } = await makeModules(folder, [tracker.announceUrl]);
  await using _seeder = await seed(folder, tracker);

  const got = await getTorrent(folder.join('tree.torrent'), { output: folder.join('got') });

  expect(created.metainfo.version).toBe('hybrid');
  expect(await filesIn(got.path)).toEqual(files);
  expect(got.downloaded / SIZE).toBeLessThanOrEqual(MAX_COPIES);
});

test('libtorrent gets a folder of small files from our seeder, no more than the blocks with bytes of files', async (context) => {
  requirePeers(context, 'libtorrent');
  await using folder = await tempFolder();
  await using tracker = await startTracker();
  const { files } = await makeModules(folder, [tracker.announceUrl]);
  await using _seeder = await seed(folder, tracker);
  await using libtorrent = await startLibtorrent();

  const torrent = await libtorrent.add(folder.join('tree.torrent'), { folder: folder.join('down') });
  await torrent.finished();

  const { downloaded, failedBytes } = await torrent.status();
  expect(await filesIn(folder.join('down/tree'))).toEqual(files);
  expect(failedBytes).toBe(0);
  expect(downloaded).toBeLessThanOrEqual(MAX_COPIES * IN_BLOCKS);
});

test('get() of a folder of small files from libtorrent moves no more than its bytes', async (context) => {
  requirePeers(context, 'libtorrent');
  await using folder = await tempFolder();
  await using tracker = await startTracker();
  const { created, files } = await makeModules(folder, [tracker.announceUrl]);
  await using libtorrent = await startLibtorrent();
  await libtorrent.add(folder.join('tree.torrent'), { folder: folder.path });
  await untilSeeders(tracker.announceUrl, created.metainfo.infoHash, 1);

  const got = await getTorrent(folder.join('tree.torrent'), { output: folder.join('got') });

  expect(await filesIn(got.path)).toEqual(files);
  expect(got.downloaded / SIZE).toBeLessThanOrEqual(MAX_COPIES);
});

import { expect, test } from 'vitest';
import {
  filesIn,
  makeByMktorrent,
  makeFile,
  requirePeers,
  runProcess,
  sha256Of,
  startAria2Seed,
  startLibtorrent,
  startOpentracker,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { getFile, getTorrent, MIB, saveTorrent, startSeeder, startTracker } from './shoal.ts';
import { makeTree } from './trees.ts';

// Our client downloads from others.

const SIZE = 3 * MIB + 1;
/** The bytes per second of each of two seeds, so slow that one alone would take many seconds. */
const SLOW = MIB;

test.for(['v1', 'v2', 'hybrid'] as const)(
  'get() downloads a %s torrent of folders, empty files and pad files from libtorrent',
  async (version, context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    const files = await makeTree(folder.join('tree'));
    await using tracker = await startTracker();
    await using libtorrent = await startLibtorrent();
    const torrentFile = folder.join('tree.torrent');
    const trackers = [tracker.announceUrl];
    await libtorrent.create(folder.join('tree'), torrentFile, { version, pieceLength: 32_768, trackers });
    const { infoHash } = await libtorrent.add(torrentFile, { folder: folder.path });
    await untilSeeders(tracker.announceUrl, infoHash, 1);

    const got = await getTorrent(torrentFile, { output: folder.join('got') });

    expect(await filesIn(got.path)).toEqual(files);
    expect(got).toMatchObject({ path: folder.join('got'), name: 'tree', infoHash, sources: 1 });
  },
);

test('get() downloads a torrent of mktorrent, of folders and empty files, from aria2', async (context) => {
  requirePeers(context, 'aria2', 'mktorrent');
  await using folder = await tempFolder();
  const files = await makeTree(folder.join('tree'));
  await using tracker = await startTracker();
  const source = folder.join('tree.torrent');
  await makeByMktorrent(folder.join('tree'), source, tracker.announceUrl);
  await using aria2 = await startAria2Seed({ source, folder: folder.path });

  const got = await getTorrent(source, { output: folder.join('got') });

  expect(await filesIn(got.path)).toEqual(files);
  expect(aria2.process.exitCode).toBeNull();
});

test('get() downloads from libtorrent and aria2 at once through our tracker', async (context) => {
  requirePeers(context, 'libtorrent', 'aria2', 'mktorrent');
  await using folder = await tempFolder();
  const sha256 = await makeFile(folder.join('a.bin'), 6 * MIB, 'a');
  await using tracker = await startTracker();
  const source = folder.join('a.torrent');
  await runProcess('mktorrent', ['-l', '16', '-a', tracker.announceUrl, '-o', source, folder.join('a.bin')]);
  await using libtorrent = await startLibtorrent({ settings: { upload_rate_limit: SLOW } });
  const torrent = await libtorrent.add(source, { folder: folder.path });
  const args = [`--max-overall-upload-limit=${SLOW}`];
  await using _aria2 = await startAria2Seed({ source, folder: folder.path, args });
  await untilSeeders(tracker.announceUrl, torrent.infoHash, 2);

  const got = await getTorrent(source, { output: folder.join('got.bin'), sha256 });

  expect(await sha256Of(got.path)).toBe(sha256);
  expect(got.sources).toBe(2);
});

test('get() finds by SHA-256 what our seeder and libtorrent hold', async (context) => {
  requirePeers(context, 'libtorrent');
  await using folder = await tempFolder();
  const sha256 = await makeFile(folder.join('data/a.bin'), SIZE, 'a');
  await using tracker = await startTracker();
  await using seeder = await startSeeder({ tracker: tracker.url, paths: [folder.join('data')] });
  const { infoHash } = seeder.torrents[0]!;
  await saveTorrent(tracker, infoHash, folder.join('a.torrent'));
  await using libtorrent = await startLibtorrent();
  const trackers = [tracker.announceUrl];
  await libtorrent.add(folder.join('a.torrent'), { folder: folder.join('data'), trackers });
  await untilSeeders(tracker.announceUrl, infoHash, 2);

  const got = await getFile({ tracker: tracker.url, sha256, size: SIZE, output: folder.join('got.bin') });

  expect(await sha256Of(got.path)).toBe(sha256);
  expect(got).toMatchObject({ name: 'a.bin', size: SIZE, infoHash });
});

test('get() downloads from libtorrent through opentracker', async (context) => {
  requirePeers(context, 'libtorrent', 'opentracker');
  await using folder = await tempFolder();
  const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
  const torrentFile = folder.join('a.torrent');
  await using libtorrent = await startLibtorrent();
  await libtorrent.create(folder.join('a.bin'), torrentFile, { version: 'v1' });
  const { infoHashV1 } = await libtorrent.describe(torrentFile);
  await using tracker = await startOpentracker({ infoHashes: [infoHashV1!] });
  // The info-hash does not depend on the tracker.
  const trackers = [tracker.announceUrl];
  await libtorrent.create(folder.join('a.bin'), torrentFile, { version: 'v1', trackers });
  await libtorrent.add(torrentFile, { folder: folder.path });
  await tracker.untilSeeders(infoHashV1!, 1);

  const got = await getTorrent(torrentFile, { output: folder.join('got.bin'), sha256 });

  expect(await sha256Of(got.path)).toBe(sha256);
});

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  filesIn,
  makeByMktorrent,
  makeFile,
  requirePeers,
  sha256Of,
  startAria2Download,
  startLibtorrent,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { MIB, saveTorrent, startSeeder, startTracker } from './shoal.ts';
import { makeTree, withoutPads } from './trees.ts';

// Others download from our seeder through our tracker.

const SIZE = 3 * MIB + 1;

test('createSeeder() serves a file to libtorrent, which has the .torrent from the web API', async (context) => {
  requirePeers(context, 'libtorrent');
  await using folder = await tempFolder();
  const sha256 = await makeFile(folder.join('data/a.bin'), SIZE, 'a');
  await using tracker = await startTracker();
  await using seeder = await startSeeder({ tracker: tracker.url, paths: [folder.join('data')] });
  const torrentFile = folder.join('a.torrent');
  await saveTorrent(tracker, seeder.torrents[0]!.infoHash, torrentFile);

  await using libtorrent = await startLibtorrent();
  const trackers = [tracker.announceUrl];
  const torrent = await libtorrent.add(torrentFile, { folder: folder.join('down'), trackers });
  await torrent.finished();

  expect(await sha256Of(folder.join('down/a.bin'))).toBe(sha256);
  expect(seeder.torrents[0]!.sha256).toBe(sha256);
  expect((await torrent.status()).failedBytes).toBe(0);
});

// Debian 12's aria2 1.36 drops the empty keys of a v2 file tree when it takes the info-hash: hybrids are not for it.
test('createSeeder() serves a file to aria2, which knows nothing but the .torrent from the web API', async (context) => {
  requirePeers(context, 'aria2');
  await using folder = await tempFolder();
  const data = folder.join('data/a.bin');
  const sha256 = await makeFile(data, SIZE, 'a');
  await using tracker = await startTracker();
  await using seeder = await startSeeder({ tracker: tracker.url, paths: [data] });
  const source = folder.join('a.torrent');
  await saveTorrent(tracker, seeder.torrents[0]!.infoHash, source);

  await using aria2 = await startAria2Download({ source, folder: folder.join('down') });
  await aria2.process.exitsWith(0);

  expect(await sha256Of(folder.join('down/a.bin'))).toBe(sha256);
});

test.for(['v1', 'v2', 'hybrid'] as const)(
  'createSeeder() serves a %s torrent of libtorrent, announced to its own tracker, to libtorrent',
  async (version, context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    const files = await makeTree(folder.join('tree'));
    await using tracker = await startTracker();
    await using libtorrent = await startLibtorrent();
    const torrentFile = folder.join('tree.torrent');
    const trackers = [tracker.announceUrl];
    await libtorrent.create(folder.join('tree'), torrentFile, { version, pieceLength: 32_768, trackers });
    await using seeder = await startSeeder({
      torrents: [{ torrent: await readFile(torrentFile), data: folder.path }],
    });
    await untilSeeders(tracker.announceUrl, seeder.torrents[0]!.infoHash, 1);

    const torrent = await libtorrent.add(torrentFile, { folder: folder.join('libtorrent') });
    await torrent.finished();
    expect(withoutPads(await filesIn(folder.join('libtorrent/tree')))).toEqual(files);
  },
);

test('createSeeder() serves a torrent of mktorrent, announced to its own tracker, to libtorrent and aria2', async (context) => {
  requirePeers(context, 'libtorrent', 'aria2', 'mktorrent');
  await using folder = await tempFolder();
  const files = await makeTree(folder.join('tree'));
  await using tracker = await startTracker();
  const torrentFile = folder.join('tree.torrent');
  await makeByMktorrent(folder.join('tree'), torrentFile, tracker.announceUrl);
  await using seeder = await startSeeder({
    torrents: [{ torrent: await readFile(torrentFile), data: folder.join('tree') }],
  });
  await untilSeeders(tracker.announceUrl, seeder.torrents[0]!.infoHash, 1);

  await using aria2 = await startAria2Download({ source: torrentFile, folder: folder.join('aria2') });
  await using libtorrent = await startLibtorrent();
  const torrent = await libtorrent.add(torrentFile, { folder: folder.join('libtorrent') });
  await Promise.all([torrent.finished(), aria2.process.exitsWith(0)]);

  expect(await filesIn(folder.join('aria2/tree'))).toEqual(files);
  expect(await filesIn(folder.join('libtorrent/tree'))).toEqual(files);
});

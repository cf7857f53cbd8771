import { expect, test } from 'vitest';
import {
  makeFile,
  requirePeers,
  sha256Of,
  startLibtorrent,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { getTorrent, KIB, MIB, startTracker } from './shoal.ts';

const SIZE = 6 * MIB + 1;

/** The copies that the seed would send if the two downloads gave each other nothing. */
const COPIES_WITHOUT_EXCHANGE = 2;

test('get() and libtorrent, both downloading from one slow seed, give each other what they have', async (context) => {
  requirePeers(context, 'libtorrent');
  await using folder = await tempFolder();
  const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
  await using tracker = await startTracker();
  const torrentFile = folder.join('a.torrent');
  await using seed = await startLibtorrent({ settings: { upload_rate_limit: 1_500 * KIB } });
  const trackers = [tracker.announceUrl];
  await seed.create(folder.join('a.bin'), torrentFile, {
    version: 'hybrid',
    pieceLength: 64 * KIB,
    trackers,
  });
  const seeding = await seed.add(torrentFile, { folder: folder.path });
  await untilSeeders(tracker.announceUrl, seeding.infoHash, 1);

  await using leecher = await startLibtorrent();
  const leeching = await leecher.add(torrentFile, { folder: folder.join('down') });
  await leeching.announced();
  const got = await getTorrent(torrentFile, { output: folder.join('got.bin') });
  const { uploaded: libtorrentGave } = await leeching.status();
  await leeching.finished();

  expect(await sha256Of(got.path)).toBe(sha256);
  expect(await sha256Of(folder.join('down/a.bin'))).toBe(sha256);
  expect(libtorrentGave).toBeGreaterThan(0);
  expect(got.uploaded).toBeGreaterThan(0);
  expect((await seeding.status()).uploaded).toBeLessThan(COPIES_WITHOUT_EXCHANGE * SIZE);
});

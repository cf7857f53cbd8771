import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scrape as scrapeAsClient } from '../../src/tracker-client/index.ts';
import { parseInfoHash } from '../../src/util/index.ts';
import {
  announcePeer,
  makeFile,
  requirePeers,
  runProcess,
  scrape,
  sha256Of,
  startBittorrentTracker,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { getTorrent, MIB, startSeeder } from './shoal.ts';

test.for(['announceUrl', 'udpAnnounceUrl'] as const)(
  'get() finds our seeder through bittorrent-tracker at its %s, and both take their leave',
  async (over, context) => {
    requirePeers(context, 'mktorrent');
    await using folder = await tempFolder();
    const data = folder.join('a.bin');
    const torrentFile = folder.join('a.torrent');
    const sha256 = await makeFile(data, MIB + 1, 'a');
    await using tracker = await startBittorrentTracker();
    await runProcess('mktorrent', ['-l', '15', '-a', tracker[over], '-o', torrentFile, data]);
    const seeder = await startSeeder({ torrents: [{ torrent: await readFile(torrentFile), data }] });
    const { infoHash } = seeder.torrents[0]!;
    await untilSeeders(tracker.announceUrl, infoHash, 1);

    const got = await getTorrent(torrentFile, { output: folder.join('got.bin') });

    expect(await sha256Of(got.path)).toBe(sha256);
    expect(await scrape(tracker.announceUrl, infoHash)).toEqual({ complete: 1, incomplete: 0 });
    await seeder.close();
    expect(await scrape(tracker.announceUrl, infoHash)).toEqual({ complete: 0, incomplete: 0 });
  },
);

test.for(['announceUrl', 'udpAnnounceUrl'] as const)(
  'scrape() asks bittorrent-tracker at its %s',
  async (over) => {
    await using tracker = await startBittorrentTracker();
    // Over HTTP it writes info-hashes as UTF-8, which leaves only those of ASCII as they are.
    const infoHash = parseInfoHash('61'.repeat(20));
    await announcePeer(tracker.announceUrl, infoHash, { port: 1 });
    await announcePeer(tracker.announceUrl, infoHash, { port: 2, left: 1 });
    const { files } = await scrapeAsClient(tracker[over], { infoHashes: [infoHash] });
    expect(files.get(infoHash)).toMatchObject({ complete: 1, incomplete: 1 });
  },
);

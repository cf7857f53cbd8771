import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  makeByMktorrent,
  makeFile,
  networkNamespace,
  requirePeers,
  scrape,
  sha256Of,
  startAria2Download,
  startAria2Seed,
  startLibtorrent,
  startOpentracker,
  startTransmission,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { getTorrent, LOOPBACK, MIB, startSeeder, startTracker } from './shoal.ts';

const SIZE = MIB + 1;

/** The announce URL over UDP of a tracker with that one over HTTP. */
function overUdp(announceUrl: string): string {
  return announceUrl.replace('http:', 'udp:');
}

describe('createTracker() over UDP', () => {
  test.for(LOOPBACK)('brings libtorrent and libtorrent at %s together', async (host, context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
    await using tracker = await startTracker({ host });
    await using seed = await startLibtorrent({ host });
    await using leech = await startLibtorrent({ host });
    const torrentFile = folder.join('a.torrent');
    const trackers = [overUdp(tracker.announceUrl)];
    await seed.create(folder.join('a.bin'), torrentFile, { version: 'v1', trackers });
    const { infoHash } = await seed.add(torrentFile, { folder: folder.path });
    await untilSeeders(tracker.announceUrl, infoHash, 1);

    const download = await leech.add(torrentFile, { folder: folder.join('down') });
    await download.finished();

    expect(await sha256Of(folder.join('down/a.bin'))).toBe(sha256);
    await untilSeeders(tracker.announceUrl, infoHash, 2);
  });

  test('brings aria2 and aria2 together, and forgets the one that stops', async (context) => {
    requirePeers(context, 'aria2', 'libtorrent');
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
    await using tracker = await startTracker();
    const source = folder.join('a.torrent');
    await using libtorrent = await startLibtorrent();
    const trackers = [overUdp(tracker.announceUrl)];
    await libtorrent.create(folder.join('a.bin'), source, { version: 'v1', trackers });
    const { infoHashV1 } = await libtorrent.describe(source);
    // aria2 speaks to trackers over UDP through the socket of its DHT, which finds nobody here.
    const args = (name: string) => [
      '--enable-dht=true',
      '--dht-listen-port=20000-60000',
      `--dht-file-path=${folder.join(`${name}.dat`)}`,
    ];
    await using _seed = await startAria2Seed({ source, folder: folder.path, args: args('seed') });
    await untilSeeders(tracker.announceUrl, infoHashV1!, 1);

    await using aria2 = await startAria2Download({ source, folder: folder.join('down'), args: args('down') });
    await aria2.process.exitsWith(0);

    expect(await sha256Of(folder.join('down/a.bin'))).toBe(sha256);
    expect(await scrape(tracker.announceUrl, infoHashV1!)).toEqual({ complete: 1, incomplete: 0 });
  });

  test('brings Transmission and libtorrent together', async (context) => {
    requirePeers(context, 'transmission', 'libtorrent', 'mktorrent', 'network namespace');
    await using folder = await tempFolder();
    await using namespace = await networkNamespace();
    const host = namespace.hostAddress;
    const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
    await using tracker = await startTracker({ host });
    await using transmission = await startTransmission(namespace);
    await using libtorrent = await startLibtorrent({ host });
    const torrentFile = folder.join('a.torrent');
    const announceUrl = overUdp(tracker.announceUrl);
    await makeByMktorrent(folder.join('a.bin'), torrentFile, announceUrl);
    const { infoHash } = await transmission.add(torrentFile, { folder: folder.path });
    await untilSeeders(tracker.announceUrl, infoHash, 1);

    const download = await libtorrent.add(torrentFile, { folder: folder.join('down') });
    await download.finished();

    expect(await sha256Of(folder.join('down/a.bin'))).toBe(sha256);
  });
});

describe('get() and createSeeder() with a tracker over UDP only', () => {
  test('get() finds libtorrent through opentracker', async (context) => {
    requirePeers(context, 'libtorrent', 'opentracker');
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
    await using libtorrent = await startLibtorrent();
    const torrentFile = folder.join('a.torrent');
    await libtorrent.create(folder.join('a.bin'), torrentFile, { version: 'v1', trackers: [] });
    const { infoHashV1 } = await libtorrent.describe(torrentFile);
    await using tracker = await startOpentracker({ infoHashes: [infoHashV1!] });
    const trackers = [tracker.udpAnnounceUrl];
    await libtorrent.create(folder.join('a.bin'), torrentFile, { version: 'v1', trackers });
    await libtorrent.add(torrentFile, { folder: folder.path });
    await tracker.untilSeeders(infoHashV1!, 1);

    const got = await getTorrent(torrentFile, { output: folder.join('got.bin') });

    expect(await sha256Of(got.path)).toBe(sha256);
  });

  test.for(LOOPBACK)('get() finds our seeder through our tracker at %s', async (host, context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    const data = folder.join('a.bin');
    const sha256 = await makeFile(data, SIZE, 'a');
    await using tracker = await startTracker({ host });
    await using libtorrent = await startLibtorrent();
    const torrentFile = folder.join('a.torrent');
    await libtorrent.create(data, torrentFile, { version: 'v2', trackers: [overUdp(tracker.announceUrl)] });
    await using seeder = await startSeeder({
      torrents: [{ torrent: await readFile(torrentFile), data }],
      bindHost: host,
    });
    await untilSeeders(tracker.announceUrl, seeder.torrents[0]!.infoHash, 1);

    const got = await getTorrent(torrentFile, { output: folder.join('got.bin'), host });

    expect(await sha256Of(got.path)).toBe(sha256);
  });

  test('a seeder that ends is forgotten', async (context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    const data = folder.join('a.bin');
    await makeFile(data, SIZE, 'a');
    await using tracker = await startTracker();
    await using libtorrent = await startLibtorrent();
    const torrentFile = folder.join('a.torrent');
    await libtorrent.create(data, torrentFile, { version: 'v1', trackers: [overUdp(tracker.announceUrl)] });
    const seeder = await startSeeder({ torrents: [{ torrent: await readFile(torrentFile), data }] });
    const { infoHash } = seeder.torrents[0]!;
    await untilSeeders(tracker.announceUrl, infoHash, 1);

    await seeder.close();

    expect(await scrape(tracker.announceUrl, infoHash)).toEqual({ complete: 0, incomplete: 0 });
  });
});

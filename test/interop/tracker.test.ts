import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  announcePeer,
  deadline,
  filesIn,
  makeByMktorrent,
  makeFile,
  percentEncoded,
  requirePeers,
  runProcess,
  scrape,
  sha256Of,
  startAria2Download,
  startAria2Seed,
  startBadTracker,
  startLibtorrent,
  type TempFolder,
  TRACKER_MISBEHAVIOURS,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { failureOf, getTorrent, LOOPBACK, MIB, type OurTracker, startSeeder, startTracker } from './shoal.ts';

const SIZE = MIB + 1;

/** The tracker's answer to a downloader that nobody reaches. */
async function ask({ announceUrl }: OurTracker, infoHash: string, isCompact: boolean): Promise<Buffer> {
  const me = 'peer_id=-XX0000-000000000000&port=1&uploaded=0&downloaded=0&left=9';
  const query = `info_hash=${percentEncoded(infoHash)}&${me}&compact=${Number(isCompact)}`;
  return Buffer.from(await (await fetch(`${announceUrl}?${query}`, { signal: deadline() })).arrayBuffer());
}

/** An address as it stands in compact peers. @see BEP 7, BEP 23 */
function compact(host: string, port: number): Buffer {
  const ip = host === '::1' ? [...Array(15).fill(0), 1] : [127, 0, 0, 1];
  return Buffer.from([...ip, port >> 8, port & 0xff]);
}

describe('createTracker()', () => {
  test.for(LOOPBACK)('createTracker() hands libtorrent at %s out, and counts it', async (host, context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), SIZE, 'a');
    await using tracker = await startTracker({ host });
    await using libtorrent = await startLibtorrent({ host });
    const torrentFile = folder.join('a.torrent');
    const trackers = [tracker.announceUrl];
    await libtorrent.create(folder.join('a.bin'), torrentFile, { version: 'v1', trackers });
    const { infoHash } = await libtorrent.add(torrentFile, { folder: folder.path });
    await untilSeeders(tracker.announceUrl, infoHash, 1);

    const dictionary = (await ask(tracker, infoHash, false)).toString('latin1');
    expect(dictionary).toMatch(/^d8:completei1e/);
    const ip = `d2:ip${host.length}:${host}`;
    expect(dictionary).toContain(`${ip}7:peer id20:-LT`);
    expect(dictionary).toContain(`4:porti${libtorrent.port}ee`);
    const key = host === '::1' ? '6:peers618:' : '5:peers6:';
    const peer = Buffer.concat([Buffer.from(key), compact(host, libtorrent.port)]);
    expect((await ask(tracker, infoHash, true)).includes(peer)).toBe(true);
    expect(await scrape(tracker.announceUrl, infoHash)).toEqual({ complete: 1, incomplete: 1 });
  });

  test.for(LOOPBACK)('get() finds libtorrent at %s through our tracker', async (host, context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
    await using tracker = await startTracker({ host });
    await using libtorrent = await startLibtorrent({ host });
    const torrentFile = folder.join('a.torrent');
    const trackers = [tracker.announceUrl];
    await libtorrent.create(folder.join('a.bin'), torrentFile, { version: 'v2', trackers });
    const { infoHash } = await libtorrent.add(torrentFile, { folder: folder.path });
    await untilSeeders(tracker.announceUrl, infoHash, 1);

    const got = await getTorrent(torrentFile, { output: folder.join('got.bin'), host });
    expect(await sha256Of(got.path)).toBe(sha256);
  });

  test('createTracker() brings aria2 and aria2 together, and forgets the one that stops', async (context) => {
    requirePeers(context, 'aria2', 'mktorrent');
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
    await using tracker = await startTracker();
    const source = folder.join('a.torrent');
    await makeByMktorrent(folder.join('a.bin'), source, tracker.announceUrl);
    await using libtorrent = await startLibtorrent();
    const { infoHashV1 } = await libtorrent.describe(source);
    await using _seed = await startAria2Seed({ source, folder: folder.path });
    await untilSeeders(tracker.announceUrl, infoHashV1!, 1);

    await using aria2 = await startAria2Download({ source, folder: folder.join('down') });
    await aria2.process.exitsWith(0);

    expect(await sha256Of(folder.join('down/a.bin'))).toBe(sha256);
    expect(await scrape(tracker.announceUrl, infoHashV1!)).toEqual({ complete: 1, incomplete: 0 });
  });
});

describe('get() with a bad tracker', () => {
  /** The warnings about single trackers are expected here. */
  const onWarning = () => {};

  /** Makes the `.torrent` of `a.bin` with its only tracker. */
  async function torrentAt(announceUrl: string, folder: TempFolder, name = 'a.torrent'): Promise<string> {
    const torrentFile = folder.join(name);
    await runProcess('mktorrent', ['-a', announceUrl, '-o', torrentFile, folder.join('a.bin')]);
    return torrentFile;
  }

  test.concurrent.for(['hang-up', 'error-500', 'rubbish', 'refuses', 'endless'] as const)(
    'get() asks a tracker three times before it says that it reaches nobody: %s',
    async (kind, context) => {
      requirePeers(context, 'mktorrent');
      await using folder = await tempFolder();
      await makeFile(folder.join('a.bin'), SIZE, 'a');
      await using tracker = await startBadTracker(kind);
      const torrentFile = await torrentAt(tracker.announceUrl, folder);
      const output = folder.join('out/got.bin');
      const code = await failureOf(getTorrent(torrentFile, { output, onWarning, trackerPatienceMs: 1 }));
      expect(code).toBe('UNREACHABLE');
      expect(await filesIn(folder.join('out'))).toEqual({});
      expect(tracker.requests.filter((url) => url.startsWith('/announce?')).length).toBeGreaterThanOrEqual(3);
    },
  );

  test('get() waits for a tracker that never answers until its deadline', async (context) => {
    requirePeers(context, 'mktorrent');
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), SIZE, 'a');
    await using tracker = await startBadTracker('never');
    const torrentFile = await torrentAt(tracker.announceUrl, folder);
    const output = folder.join('out/got.bin');
    const signal = AbortSignal.timeout(500);
    const code = await failureOf(
      getTorrent(torrentFile, { output, onWarning, signal, trackerPatienceMs: 1 }),
    );
    expect(code).toBe('TIMED_OUT');
  });

  test.concurrent.for(['error-500', 'error-503', 'hang-up', 'refuses'] as const)(
    'get() gets the file when the only tracker answers the second time: %s',
    async (kind, context) => {
      requirePeers(context, 'mktorrent');
      await using folder = await tempFolder();
      const data = folder.join('a.bin');
      const sha256 = await makeFile(data, SIZE, 'a');
      const torrent = await readFile(
        await torrentAt('http://127.0.0.1:1/announce', folder, 'seeded.torrent'),
      );
      await using seeder = await startSeeder({ torrents: [{ torrent, data }], onWarning });
      const { port } = seeder.address;
      const answer = `d8:intervali1800e5:peersld2:ip9:127.0.0.14:porti${port}eeee`;
      await using tracker = await startBadTracker(kind, { after: 1, answer });
      const torrentFile = await torrentAt(tracker.announceUrl, folder);
      const got = await getTorrent(torrentFile, { output: folder.join('got.bin'), onWarning });
      expect(await sha256Of(got.path)).toBe(sha256);
    },
  );

  test('get() finds a good tracker behind all of the bad ones', async (context) => {
    requirePeers(context, 'libtorrent', 'mktorrent');
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
    await using good = await startTracker();
    const bad = await Promise.all(
      TRACKER_MISBEHAVIOURS.filter((kind) => kind !== 'never').map((kind) => startBadTracker(kind)),
    );
    const torrentFile = folder.join('a.torrent');
    const tiers = [...bad, good].flatMap(({ announceUrl }) => ['-a', announceUrl]);
    await runProcess('mktorrent', [...tiers, '-o', torrentFile, folder.join('a.bin')]);
    await using libtorrent = await startLibtorrent();
    // By itself libtorrent does not get past all of them.
    const torrent = await libtorrent.add(torrentFile, { folder: folder.path });
    await torrent.finished();
    await announcePeer(good.announceUrl, torrent.infoHash, libtorrent);

    const got = await getTorrent(torrentFile, { output: folder.join('got.bin'), onWarning });

    expect(await sha256Of(got.path)).toBe(sha256);
    for (const tracker of bad) {
      expect(tracker.requests.length).toBeGreaterThan(0);
      await tracker[Symbol.asyncDispose]();
    }
  });
});

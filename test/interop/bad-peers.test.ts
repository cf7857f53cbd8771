import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  announcePeer,
  DIALER_MISBEHAVIOURS,
  type DialerMisbehaviour,
  Disposables,
  dialBadly,
  hasPeer,
  type LibtorrentPeer,
  makeFile,
  PEER_MISBEHAVIOURS,
  requirePeers,
  sha256Of,
  startBadPeer,
  startLibtorrent,
  type TempFolder,
  type TorrentDescription,
  tempFolder,
} from '../support/index.ts';
import { failureOf, getFile, getTorrent, KIB, MIB, startSeeder, startTracker } from './shoal.ts';

const SIZE = MIB + 1;

describe('get() with a bad peer', () => {
  const owned = new Disposables();
  let folder: TempFolder;
  let sha256: string;
  let good: LibtorrentPeer;
  let torrent: TorrentDescription;

  beforeAll(async () => {
    if (!hasPeer('libtorrent')) return;
    folder = owned.use(await tempFolder());
    sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
    // Slow, so that the bad peer is asked as well.
    good = owned.use(await startLibtorrent({ settings: { upload_rate_limit: 2 * MIB } }));
    const options = { version: 'v1', pieceLength: 64 * KIB } as const;
    await good.create(folder.join('a.bin'), folder.join('a.torrent'), options);
    torrent = await good.describe(folder.join('a.torrent'));
    await (await good.add(folder.join('a.torrent'), { folder: folder.path })).finished();
  });

  afterAll(() => owned[Symbol.asyncDispose]());

  test.for(PEER_MISBEHAVIOURS)(
    'get() gets a right file from libtorrent beside one with %s',
    async (kind, context) => {
      requirePeers(context, 'libtorrent');
      await using bad = await startBadPeer(kind, { pieceCount: torrent.pieceCount });
      await using tracker = await startTracker();
      await announcePeer(tracker.announceUrl, torrent.infoHashV1!, bad);
      await announcePeer(tracker.announceUrl, torrent.infoHashV1!, good);
      const output = folder.join(`beside-${kind}.bin`);

      await getTorrent(folder.join('a.torrent'), { tracker: tracker.url, output, onWarning: () => {} });

      expect(await sha256Of(output)).toBe(sha256);
      expect(bad.connections).toBeGreaterThan(0);
    },
  );

  test('get() delivers nothing when the only peer sends wrong data', async (context) => {
    requirePeers(context, 'libtorrent');
    await using bad = await startBadPeer('corrupt-pieces', { pieceCount: torrent.pieceCount });
    await using tracker = await startTracker();
    await announcePeer(tracker.announceUrl, torrent.infoHashV1!, bad);
    const output = folder.join('nothing.bin');
    const warnings: string[] = [];
    const getting = getTorrent(folder.join('a.torrent'), {
      tracker: tracker.url,
      output,
      signal: AbortSignal.timeout(2_000),
      onWarning: (error) => warnings.push(error.message),
    });

    expect(await failureOf(getting)).toBe('TIMED_OUT');

    await expect(stat(output)).rejects.toThrow('ENOENT');
    await expect(stat(`${output}.part`)).rejects.toThrow('ENOENT');
    expect(warnings.join('\n')).toContain(`${bad.host}:${bad.port}`);
    expect(bad.connections).toBe(1);
  });
});

describe('createSeeder() with a bad peer', () => {
  /** A dialer that says nothing wrong is given time; a flood that is not read fills the buffers of the kernel, and waits. */
  const PATIENTLY: readonly DialerMisbehaviour[] = [
    'silence',
    'half-handshake',
    'greets-only',
    'request-flood',
    'unasked-blocks',
  ];

  test.for(DIALER_MISBEHAVIOURS)('createSeeder() serves on beside one who dials with %s', async (kind) => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('data/a.bin'), SIZE, 'a');
    await using tracker = await startTracker();
    await using seeder = await startSeeder({
      tracker: tracker.url,
      paths: [folder.join('data')],
      onWarning: () => {},
    });
    const { infoHash } = seeder.torrents[0]!;
    const { host, port } = seeder.address;

    await using bad = await dialBadly(kind, {
      host,
      port,
      infoHash,
      pieceCount: Math.ceil(SIZE / (16 * KIB)),
    });
    if (!PATIENTLY.includes(kind)) await bad.untilDisconnected();
    const got = await getFile({ tracker: tracker.url, sha256, output: folder.join('got.bin') });

    expect(await sha256Of(got.path)).toBe(sha256);
    expect(got.downloaded).toBe(SIZE);
  });
});

import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  dialBadly,
  makeFile,
  networkNamespace,
  requirePeers,
  runProcess,
  sha256Of,
  startAria2Download,
  startAria2Seed,
  startBadPeer,
  startLibtorrent,
  startOpentracker,
  startTransmission,
  tempFolder,
} from '../support/index.ts';

// The peers against each other, with nothing of ours between them: when this fails, look here first.

const SIZE = 2 ** 20 + 1;

test('aria2 downloads from libtorrent through opentracker', async (context) => {
  requirePeers(context, 'libtorrent', 'aria2', 'opentracker');
  await using folder = await tempFolder();
  const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
  const torrentFile = folder.join('a.torrent');
  await using libtorrent = await startLibtorrent();
  await libtorrent.create(folder.join('a.bin'), torrentFile, { version: 'v1', pieceLength: 16384 });
  const { infoHashV1, pieceCount } = await libtorrent.describe(torrentFile);
  expect(pieceCount).toBe(65);
  await using tracker = await startOpentracker({ infoHashes: [infoHashV1!] });
  const trackers = [tracker.announceUrl];

  const torrent = await libtorrent.add(torrentFile, { folder: folder.path, trackers });
  await torrent.announced();
  await tracker.untilSeeders(infoHashV1!, 1);
  const into = folder.join('aria2');
  await using aria2 = await startAria2Download({ source: torrentFile, folder: into, trackers });
  await aria2.process.exitsWith(0);

  expect(await sha256Of(folder.join('aria2/a.bin'))).toBe(sha256);
  expect(await torrent.status()).toMatchObject({ isSeeding: true, error: '' });
});

test('libtorrent downloads from aria2, told of it by the test', async (context) => {
  requirePeers(context, 'libtorrent', 'aria2', 'mktorrent');
  await using folder = await tempFolder();
  const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
  const torrentFile = folder.join('a.torrent');
  await runProcess('mktorrent', ['-l', '15', '-o', torrentFile, folder.join('a.bin')]);

  await using aria2 = await startAria2Seed({ source: torrentFile, folder: folder.path });
  await using libtorrent = await startLibtorrent();
  const torrent = await libtorrent.add(torrentFile, { folder: folder.join('libtorrent') });
  await torrent.connect(aria2.host, aria2.port);
  await torrent.finished();

  expect(await sha256Of(folder.join('libtorrent/a.bin'))).toBe(sha256);
});

test('startAria2Seed() refuses content that is not the torrent’s', async (context) => {
  requirePeers(context, 'aria2', 'mktorrent');
  await using folder = await tempFolder();
  await makeFile(folder.join('a.bin'), SIZE, 'a');
  const torrentFile = folder.join('a.torrent');
  await runProcess('mktorrent', ['-l', '15', '-o', torrentFile, folder.join('a.bin')]);
  await makeFile(folder.join('a.bin'), SIZE, 'b');
  const seeding = startAria2Seed({ source: torrentFile, folder: folder.path });
  await expect(seeding).rejects.toThrow('does not have what it shall seed');
});

test('libtorrent and Transmission download from each other across a network', async (context) => {
  requirePeers(context, 'libtorrent', 'transmission', 'opentracker', 'network namespace');
  await using folder = await tempFolder();
  await using namespace = await networkNamespace();
  const host = namespace.hostAddress;
  await using libtorrent = await startLibtorrent({ host });
  await using transmission = await startTransmission(namespace);

  const [ofLibtorrent, ofTransmission] = [folder.join('libtorrent'), folder.join('transmission')];
  const sha256 = [
    await makeFile(join(ofLibtorrent, 'a.bin'), SIZE, 'a'),
    await makeFile(join(ofTransmission, 'b.bin'), SIZE, 'b'),
  ];
  const make = async (path: string, trackers: string[]) => {
    await libtorrent.create(path, `${path}.torrent`, { version: 'v1', trackers });
    return (await libtorrent.describe(`${path}.torrent`)).infoHashV1!;
  };
  const [a, b] = [join(ofLibtorrent, 'a.bin'), join(ofTransmission, 'b.bin')];
  const infoHashes = [await make(a, []), await make(b, [])];
  await using tracker = await startOpentracker({ host, infoHashes });
  await make(a, [tracker.announceUrl]);
  await make(b, [tracker.announceUrl]);

  await libtorrent.add(`${a}.torrent`, { folder: ofLibtorrent });
  await transmission.add(`${b}.torrent`, { folder: ofTransmission });
  for (const infoHash of infoHashes) await tracker.untilSeeders(infoHash, 1);
  const downloads = [
    await transmission.add(`${a}.torrent`, { folder: ofTransmission }),
    await libtorrent.add(`${b}.torrent`, { folder: ofLibtorrent }),
  ];
  await Promise.all(downloads.map((torrent) => torrent.finished()));

  expect(await sha256Of(join(ofTransmission, 'a.bin'))).toBe(sha256[0]);
  expect(await sha256Of(join(ofLibtorrent, 'b.bin'))).toBe(sha256[1]);
});

test('libtorrent in a network namespace downloads a hybrid torrent from outside', async (context) => {
  requirePeers(context, 'libtorrent', 'network namespace');
  await using folder = await tempFolder();
  const sha256 = await makeFile(folder.join('t/deep/a.bin'), SIZE, 'a');
  await makeFile(folder.join('t/empty.bin'), 0, 'empty');
  const torrentFile = folder.join('t.torrent');
  await using namespace = await networkNamespace();
  await using seeder = await startLibtorrent({ host: namespace.hostAddress });
  await using getter = await startLibtorrent({ host: namespace.address, prefix: namespace.execPrefix });
  await seeder.create(folder.join('t'), torrentFile, { version: 'hybrid', pieceLength: 32768 });
  expect(await getter.describe(torrentFile)).toMatchObject({
    name: 't',
    infoHashV1: expect.stringMatching(/^[0-9a-f]{40}$/),
    infoHashV2: expect.stringMatching(/^[0-9a-f]{64}$/),
    length: SIZE,
    pieceLength: 32768,
    pieceCount: 33,
  });

  await (await seeder.add(torrentFile, { folder: folder.path })).finished();
  const torrent = await getter.add(torrentFile, { folder: folder.join('down') });
  await torrent.connect(seeder.host, seeder.port);
  await torrent.finished();

  expect(await sha256Of(folder.join('down/t/deep/a.bin'))).toBe(sha256);
});

test.for(['wrong-info-hash', 'wrong-lengths', 'huge-message'] as const)(
  'libtorrent hangs up on one who dials: %s',
  async (misbehaviour, context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), SIZE, 'a');
    const torrentFile = folder.join('a.torrent');
    await using libtorrent = await startLibtorrent();
    await libtorrent.create(folder.join('a.bin'), torrentFile, { version: 'v1' });
    const { pieceCount, infoHashV1 } = await libtorrent.describe(torrentFile);
    await (await libtorrent.add(torrentFile, { folder: folder.path })).finished();

    const { host, port } = libtorrent;
    await using bad = await dialBadly(misbehaviour, { host, port, infoHash: infoHashV1!, pieceCount });
    await bad.untilDisconnected();
  },
);

test('libtorrent throws away what a bad peer sends and hangs up on it', async (context) => {
  requirePeers(context, 'libtorrent');
  await using folder = await tempFolder();
  await makeFile(folder.join('a.bin'), SIZE, 'a');
  const torrentFile = folder.join('a.torrent');
  await using libtorrent = await startLibtorrent();
  await libtorrent.create(folder.join('a.bin'), torrentFile, { version: 'v1' });
  const { pieceCount } = await libtorrent.describe(torrentFile);
  await using bad = await startBadPeer('corrupt-pieces', { pieceCount });

  const torrent = await libtorrent.add(torrentFile, { folder: folder.join('down') });
  await torrent.connect(bad.host, bad.port);
  await bad.untilDisconnected();

  expect((await torrent.status()).failedBytes).toBeGreaterThan(0);
});

import { mkdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  makeFile,
  networkNamespace,
  requirePeers,
  runProcess,
  sha256Of,
  startAria2Download,
  startAria2Seed,
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

test.for(['transmission', 'libtorrent'] as const)(
  'across a network, the other of transmission and libtorrent downloads from %s',
  async (seeder, context) => {
    requirePeers(context, 'libtorrent', 'transmission', 'opentracker', 'network namespace');
    await using folder = await tempFolder();
    await mkdir(folder.join('down'));
    const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
    const torrentFile = folder.join('a.torrent');
    await using namespace = await networkNamespace();
    await using libtorrent = await startLibtorrent({ host: namespace.hostAddress });
    await libtorrent.create(folder.join('a.bin'), folder.join('plain.torrent'), { version: 'v1' });
    const { infoHashV1 } = await libtorrent.describe(folder.join('plain.torrent'));
    await using tracker = await startOpentracker({ host: namespace.hostAddress, infoHashes: [infoHashV1!] });
    const trackers = [tracker.announceUrl];
    await libtorrent.create(folder.join('a.bin'), torrentFile, { version: 'v1', trackers });
    await using transmission = await startTransmission(namespace);

    const [from, to] = seeder === 'libtorrent' ? [libtorrent, transmission] : [transmission, libtorrent];
    await (await from.add(torrentFile, { folder: folder.path })).finished();
    await tracker.untilSeeders(infoHashV1!, 1);
    await (await to.add(torrentFile, { folder: folder.join('down') })).finished();

    expect(await sha256Of(folder.join('down/a.bin'))).toBe(sha256);
  },
);

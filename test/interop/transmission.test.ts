import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  makeByMktorrent,
  makeFile,
  networkNamespace,
  requirePeers,
  sha256Of,
  startTransmission,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { getTorrent, MIB, startSeeder, startTracker } from './shoal.ts';

const SIZE = 3 * MIB + 1;

// One test for both directions, for Transmission takes its time before each.
test('Transmission downloads from our seeder, and get() from Transmission, across a network', async (context) => {
  requirePeers(context, 'transmission', 'mktorrent', 'network namespace');
  await using folder = await tempFolder();
  await using namespace = await networkNamespace();
  const host = namespace.hostAddress;
  await using tracker = await startTracker({ host });
  await using transmission = await startTransmission(namespace);
  const make = async (name: string) => {
    const [data, torrentFile] = [folder.join(name, `${name}.bin`), folder.join(`${name}.torrent`)];
    const sha256 = await makeFile(data, SIZE, name);
    await makeByMktorrent(data, torrentFile, tracker.announceUrl);
    return { data, torrentFile, sha256 };
  };
  const [ours, theirs] = [await make('ours'), await make('theirs')];

  await using seeder = await startSeeder({
    torrents: [{ torrent: await readFile(ours.torrentFile), data: ours.data }],
    bindHost: host,
  });
  await untilSeeders(tracker.announceUrl, seeder.torrents[0]!.infoHash, 1);
  const theirTorrent = await transmission.add(theirs.torrentFile, { folder: folder.join('theirs') });
  const ourTorrent = await transmission.add(ours.torrentFile, { folder: folder.join('down') });
  await untilSeeders(tracker.announceUrl, theirTorrent.infoHash, 1);
  const [got] = await Promise.all([
    getTorrent(theirs.torrentFile, { output: folder.join('got.bin'), host }),
    ourTorrent.finished(),
  ]);

  expect(await sha256Of(got.path)).toBe(theirs.sha256);
  expect(await sha256Of(folder.join('down/ours.bin'))).toBe(ours.sha256);
});

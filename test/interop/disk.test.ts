import { copyFile, readdir, stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  makeFile,
  requirePeers,
  runProcess,
  sha256Of,
  smallDisk,
  startLibtorrent,
  type TempFolder,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { failureOf, getTorrent, KIB, MIB, type OurTracker, startTracker } from './shoal.ts';

// Where the output cannot be written.

const SIZE = 3 * MIB + 1;

/** A slow libtorrent with the file. */
async function seedSlowly(folder: TempFolder, tracker: OurTracker) {
  const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
  const torrentFile = folder.join('a.torrent');
  const trackers = ['-a', tracker.announceUrl];
  await runProcess('mktorrent', ['-l', '16', ...trackers, '-o', torrentFile, folder.join('a.bin')]);
  const libtorrent = await startLibtorrent({ settings: { upload_rate_limit: 800 * KIB } });
  const { infoHash } = await libtorrent.add(torrentFile, { folder: folder.path });
  await untilSeeders(tracker.announceUrl, infoHash, 1);
  return { sha256, torrentFile, [Symbol.asyncDispose]: () => libtorrent[Symbol.asyncDispose]() };
}

test('get() says that the disk is too small before it asks anybody for a byte', async (context) => {
  requirePeers(context, 'libtorrent', 'mktorrent', 'tmpfs');
  await using folder = await tempFolder();
  await using tracker = await startTracker();
  await using seed = await seedSlowly(folder, tracker);
  await using disk = await smallDisk(MIB);

  expect(await failureOf(getTorrent(seed.torrentFile, { output: disk.join('got.bin') }))).toBe('DISK');
  expect(await readdir(disk.path)).toEqual([]);
});

test('get() says that the disk got full in mid-download, and goes on when there is room', async (context) => {
  requirePeers(context, 'libtorrent', 'mktorrent', 'tmpfs');
  await using folder = await tempFolder();
  await using tracker = await startTracker();
  await using seed = await seedSlowly(folder, tracker);
  await using disk = await smallDisk(4 * MIB);
  const output = disk.join('got.bin');
  let filling: Promise<void> | undefined;
  const getting = getTorrent(seed.torrentFile, {
    output,
    onProgress: ({ done }) => {
      if (done === 0) return;
      // All that is left, and an error when that is found out.
      filling ??= writeFile(disk.join('other'), Buffer.alloc(4 * MIB)).catch(() => undefined);
    },
  });

  expect(await failureOf(getting)).toBe('DISK');
  await filling;
  // The resume file is written once a second: before the disk was full, or never.
  const left = (await readdir(disk.path)).filter((name) => name !== 'got.bin.part.resume');
  expect(left.sort()).toEqual(['got.bin.part', 'other']);

  await writeFile(disk.join('other'), '');
  const got = await getTorrent(seed.torrentFile, { output, sha256: seed.sha256 });
  expect(await sha256Of(output)).toBe(seed.sha256);
  expect(got.downloaded).toBeLessThan(SIZE);
});

test('get() says that it may not write to the folder, be it root', async (context) => {
  requirePeers(context, 'libtorrent', 'mktorrent', 'tmpfs');
  await using folder = await tempFolder();
  await using tracker = await startTracker();
  await using seed = await seedSlowly(folder, tracker);
  await using disk = await smallDisk(8 * MIB);
  await copyFile(folder.join('a.torrent'), disk.join('already'));
  await disk.makeReadOnly();

  for (const output of [disk.path, disk.join('got.bin'), disk.join('new/got.bin'), disk.join('already')]) {
    expect(await failureOf(getTorrent(seed.torrentFile, { output }))).toBe('DISK');
  }
  expect(await readdir(disk.path)).toEqual(['already']);
});

test('get() says what is in the way of the output and leaves it alone', async (context) => {
  requirePeers(context, 'libtorrent', 'mktorrent');
  await using folder = await tempFolder();
  await using tracker = await startTracker();
  await using seed = await seedSlowly(folder, tracker);
  await makeFile(folder.join('out/a.bin/inside'), 1, 'inside');
  await makeFile(folder.join('file'), 1, 'file');

  for (const output of [folder.join('out'), folder.join('file/got.bin')]) {
    expect(await failureOf(getTorrent(seed.torrentFile, { output }))).toBe('DISK');
  }
  expect(await readdir(folder.join('out'), { recursive: true })).toEqual(['a.bin', 'a.bin/inside']);
  expect((await stat(folder.join('file'))).size).toBe(1);
});

import { readdir, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  deadline,
  type LibtorrentPeer,
  makeFile,
  requirePeers,
  sha256Of,
  startLibtorrent,
  type TempFolder,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { failureOf, getTorrent, KIB, MIB, type OurTracker, startTracker } from './shoal.ts';

// The plug is pulled on seeders in mid-download.

const SIZE = 4 * MIB + 1;
/** Fast enough for some pieces a second, too slow to be done when progress is told first. */
const SLOW = { upload_rate_limit: 800 * KIB };

/** Makes the file and its torrent. */
async function makeTorrent(folder: TempFolder, tracker: OurTracker) {
  const sha256 = await makeFile(folder.join('a.bin'), SIZE, 'a');
  const torrentFile = folder.join('a.torrent');
  await using libtorrent = await startLibtorrent();
  const trackers = [tracker.announceUrl];
  const options = { version: 'v1', pieceLength: 64 * KIB, trackers } as const;
  await libtorrent.create(folder.join('a.bin'), torrentFile, options);
  return { sha256, torrentFile };
}

async function seed(libtorrent: LibtorrentPeer, folder: TempFolder): Promise<string> {
  return (await libtorrent.add(folder.join('a.torrent'), { folder: folder.path })).infoHash;
}

test('get() completes when one of two seeders is killed', async (context) => {
  requirePeers(context, 'libtorrent');
  await using folder = await tempFolder();
  await using tracker = await startTracker();
  const { sha256, torrentFile } = await makeTorrent(folder, tracker);
  await using first = await startLibtorrent({ settings: SLOW });
  await using second = await startLibtorrent({ settings: SLOW });
  await seed(first, folder);
  await untilSeeders(tracker.announceUrl, await seed(second, folder), 2);

  let killedAt = 0;
  const got = await getTorrent(torrentFile, {
    output: folder.join('got.bin'),
    onProgress: ({ done }) => {
      if (killedAt > 0 || done === 0) return;
      killedAt = done;
      first.process.kill('SIGKILL');
    },
  });

  expect(await sha256Of(got.path)).toBe(sha256);
  expect(killedAt).toBeGreaterThan(0);
  expect(killedAt).toBeLessThan(SIZE);
});

test('get() gives up at its deadline when the only seeder is killed, and a later one goes on from there', async (context) => {
  requirePeers(context, 'libtorrent');
  await using folder = await tempFolder();
  await using tracker = await startTracker();
  const { sha256, torrentFile } = await makeTorrent(folder, tracker);
  const output = folder.join('out/got.bin');
  await using only = await startLibtorrent({ settings: SLOW });
  await untilSeeders(tracker.announceUrl, await seed(only, folder), 1);

  const timeUp = new AbortController();
  let isKilled = false;
  const doomed = getTorrent(torrentFile, {
    output,
    signal: AbortSignal.any([timeUp.signal, deadline()]),
    onProgress: ({ done }) => {
      if (isKilled || done === 0) return;
      isKilled = true;
      only.process.kill('SIGKILL');
      const soon = AbortSignal.timeout(1_500);
      soon.addEventListener('abort', () => timeUp.abort(soon.reason));
    },
  });
  expect(await failureOf(doomed)).toBe('TIMED_OUT');
  const left = await readdir(folder.join('out'));
  expect(left).toContain('got.bin.part');
  expect(left).not.toContain('got.bin');
  expect((await stat(`${output}.part`)).size).toBe(SIZE);

  await using another = await startLibtorrent();
  await (await another.add(torrentFile, { folder: folder.path })).announced();
  const got = await getTorrent(torrentFile, { output, sha256 });
  expect(await readdir(folder.join('out'))).toEqual(['got.bin']);
  expect(await sha256Of(output)).toBe(sha256);
  expect(got.downloaded).toBeGreaterThan(0);
  expect(got.downloaded).toBeLessThan(SIZE);
});

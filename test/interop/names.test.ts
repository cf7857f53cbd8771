import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHashPool, createTorrent } from '../../src/hashing/index.ts';
import {
  makeFile,
  requirePeers,
  sha256Of,
  startLibtorrent,
  type TempFolder,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { getTorrent, KIB, startSeeder, startTracker } from './shoal.ts';

/** Names that libtorrent, too, keeps as they are. */
const KEPT = [
  'linux/aux.c',
  'logs/a:b.log',
  'album/Vol. 1./01 "Q?" <mix>.flac',
  'album/Beyonce\u0301.txt',
  'album/Beyonc\u00e9.txt',
  'trail ',
  '-rf',
  '.hidden/file',
];
/**
 * Names that it writes otherwise on every disk: it takes `xt_mark.1.h` for the second of two that differ in case, leaves
 * out backslashes and marks of direction, and has `_` for control characters.
 */
const CHANGED = [
  'linux/xt_MARK.h',
  'linux/xt_mark.h',
  'systemd/dev\\x2dby.mount',
  'new\nline',
  'invoice\u202efdp.exe',
];

async function makeFiles(folder: TempFolder, names: readonly string[]): Promise<void> {
  for (const [at, name] of names.entries()) await makeFile(folder.join('data', name), 1000 + at, name);
}

/** The SHA-256 of every file below a folder, with its path or without. */
async function hashesBelow(folder: string, withPath: boolean): Promise<string[]> {
  const hashes: string[] = [];
  for (const path of await readdir(folder, { recursive: true })) {
    if (!(await stat(join(folder, path))).isFile()) continue;
    const sha256 = await sha256Of(join(folder, path));
    hashes.push(withPath ? `${path} ${sha256}` : sha256);
  }
  return hashes.sort();
}

test.each(['v1', 'v2', 'hybrid'] as const)(
  'get() fetches files of odd names from libtorrent, in a %s torrent of its own',
  async (version) => {
    await using folder = await tempFolder();
    await makeFiles(folder, KEPT);
    await using tracker = await startTracker();
    const torrentFile = folder.join('a.torrent');
    await using libtorrent = await startLibtorrent();
    const options = { version, pieceLength: 16 * KIB, trackers: [tracker.announceUrl] };
    await libtorrent.create(folder.join('data'), torrentFile, options);
    const { infoHash } = await libtorrent.add(torrentFile, { folder: folder.path });
    await untilSeeders(tracker.announceUrl, infoHash, 1);
    const got = await getTorrent(torrentFile, { output: folder.join('got') });
    expect(got.renamed).toBeUndefined();
    expect(await hashesBelow(folder.join('got'), true)).toEqual(await hashesBelow(folder.join('data'), true));
  },
);

test('libtorrent fetches files of odd names from a seeder of ours, with every byte right', async (context) => {
  requirePeers(context, 'libtorrent');
  await using folder = await tempFolder();
  await makeFiles(folder, [...KEPT, ...CHANGED]);
  await using tracker = await startTracker();
  await using pool = createHashPool();
  const announceList = [[tracker.announceUrl]];
  const { bytes: torrent } = await createTorrent(pool, folder.join('data'), {
    announceList,
    hidden: true,
  });
  const torrentFile = folder.join('a.torrent');
  await writeFile(torrentFile, torrent);
  await using seeder = await startSeeder({ torrents: [{ torrent, data: folder.join('data') }] });
  await untilSeeders(tracker.announceUrl, seeder.torrents[0]!.infoHash, 1);
  await using libtorrent = await startLibtorrent();
  const leeching = await libtorrent.add(torrentFile, { folder: folder.join('down') });
  await leeching.finished();
  expect(await hashesBelow(folder.join('down'), false)).toEqual(
    await hashesBelow(folder.join('data'), false),
  );
});

import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { encodeMetainfo, parseMetainfo } from '../../src/metainfo/index.ts';
import {
  makeByMktorrent,
  makeFile,
  networkNamespace,
  pollUntil,
  requirePeers,
  startAria2Download,
  startAria2Seed,
  startLibtorrent,
  startQbittorrent,
  startTransmission,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import {
  getFile,
  getTorrent,
  MIB,
  type OurTracker,
  saveTorrent,
  startSeeder,
  startTracker,
} from './shoal.ts';

// Folders with programs, links and empty folders, between our parts and other programs.

/** The thing at a path: a file, with its SHA-256, a link, with its text, or an empty folder. */
type Entry = `${'file' | 'program'} ${string}` | `link ${string}` | 'empty folder';

/** Makes a folder with everything that an artefact may have in it. @returns its entries */
async function makeArtefact(folder: string): Promise<Record<string, Entry>> {
  await makeFile(join(folder, 'big.bin'), MIB + 1, 'big');
  await makeFile(join(folder, 'lib/deep/b.bin'), 300_007, 'b');
  await makeFile(join(folder, 'lib/empty.txt'), 0, 'empty');
  await makeFile(join(folder, 'lib/name with spaces.txt'), 5, 'spaces');
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/run'), '#!/bin/sh\n');
  await chmod(join(folder, 'bin/run'), 0o755);
  await symlink('../lib/deep/b.bin', join(folder, 'bin/b'));
  await symlink('bin/run', join(folder, 'run'));
  await mkdir(join(folder, 'logs'));
  return entriesOf(folder);
}

/** Lists what is in a folder. */
async function entriesOf(folder: string): Promise<Record<string, Entry>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.map((entry) => join(entry.parentPath, entry.name));
  const parents = new Set(paths.map((path) => dirname(path)));
  const entries: Record<string, Entry> = {};
  for (const path of paths.toSorted()) {
    const stats = await lstat(path);
    const name = relative(folder, path);
    if (stats.isSymbolicLink()) entries[name] = `link ${await readlink(path)}`;
    else if (stats.isFile()) {
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      entries[name] = `${(stats.mode & 0o100) === 0 ? 'file' : 'program'} ${sha256}`;
    } else if (!parents.has(path)) entries[name] = 'empty folder';
  }
  return entries;
}

/** Writes the `.torrent` that the tracker hands out, with the tracker in it. */
async function saveWithTracker(tracker: OurTracker, infoHash: string, path: string): Promise<void> {
  await saveTorrent(tracker, infoHash, path);
  const announceList = [[tracker.announceUrl]];
  await writeFile(path, encodeMetainfo(parseMetainfo(await readFile(path)), { announceList }));
}

/** The form in which another program delivers the entries that it does not know. */
interface Losses {
  readonly links: 'kept' | 'empty files' | 'lost';
  readonly programs: 'kept' | 'files';
  readonly emptyFiles?: 'kept' | 'lost';
}

const EMPTY_FILE: Entry = `file ${createHash('sha256').digest('hex')}`;

/** The entries that another program makes of ours: what it does not know is lost in this way. */
function asSeenBy(
  entries: Readonly<Record<string, Entry>>,
  { links, programs, emptyFiles = 'kept' }: Losses,
): Record<string, Entry> {
  const seen: Record<string, Entry> = {};
  for (const [path, entry] of Object.entries(entries)) {
    if (entry === 'empty folder' || (entry === EMPTY_FILE && emptyFiles === 'lost')) continue;
    if (entry.startsWith('link ') && links !== 'kept') {
      if (links === 'empty files') seen[path] = EMPTY_FILE;
    } else if (programs === 'files' && entry.startsWith('program ')) seen[path] = `file ${entry.slice(8)}`;
    else seen[path] = entry;
  }
  return seen;
}

test.for(['v1', 'v2', 'hybrid'] as const)(
  'createSeeder() serves a folder as one %s torrent to libtorrent, which loses only the empty folder',
  async (version, context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    const entries = await makeArtefact(folder.join('artefact'));
    await using tracker = await startTracker();
    await using seeder = await startSeeder({
      tracker: tracker.url,
      paths: [folder.join('artefact')],
      asOne: true,
      version,
    });
    const torrentFile = folder.join('artefact.torrent');
    await saveWithTracker(tracker, seeder.torrents[0]!.infoHash, torrentFile);

    await using libtorrent = await startLibtorrent();
    const torrent = await libtorrent.add(torrentFile, { folder: folder.join('down') });
    await torrent.finished();

    const got = await entriesOf(folder.join('down/artefact'));
    expect(withoutPadFiles(got)).toEqual(asSeenBy(entries, { links: 'kept', programs: 'kept' }));
  },
);

test('createSeeder() serves a folder as one to qBittorrent, which loses only the empty folder', async (context) => {
  requirePeers(context, 'qbittorrent');
  await using folder = await tempFolder();
  const entries = await makeArtefact(folder.join('artefact'));
  await using tracker = await startTracker();
  await using seeder = await startSeeder({
    tracker: tracker.url,
    paths: [folder.join('artefact')],
    asOne: true,
  });
  const torrentFile = folder.join('artefact.torrent');
  await saveWithTracker(tracker, seeder.torrents[0]!.infoHash, torrentFile);

  await using qbittorrent = await startQbittorrent();
  await qbittorrent.add(torrentFile, { folder: folder.join('down') });
  const wanted = asSeenBy(entries, { links: 'kept', programs: 'kept' });
  await pollUntil('qBittorrent has it', async () => {
    const got = await entriesOf(folder.join('down/artefact')).catch(() => ({}));
    return JSON.stringify(got) === JSON.stringify(wanted) || undefined;
  });
});

test('createSeeder() serves a folder as one to aria2, which makes empty files of links and no programs', async (context) => {
  requirePeers(context, 'aria2');
  await using folder = await tempFolder();
  const entries = await makeArtefact(folder.join('artefact'));
  await using tracker = await startTracker();
  await using seeder = await startSeeder({
    tracker: tracker.url,
    paths: [folder.join('artefact')],
    asOne: true,
  });
  const source = folder.join('artefact.torrent');
  await saveWithTracker(tracker, seeder.torrents[0]!.infoHash, source);

  await using aria2 = await startAria2Download({ source, folder: folder.join('down') });
  await aria2.process.exitsWith(0);

  const got = await entriesOf(folder.join('down/artefact'));
  expect(got).toEqual(asSeenBy(entries, { links: 'empty files', programs: 'files' }));
});

test('createSeeder() serves a folder as one to Transmission, which makes no links, empty files or programs', async (context) => {
  requirePeers(context, 'transmission', 'network namespace');
  await using folder = await tempFolder();
  const entries = await makeArtefact(folder.join('artefact'));
  await using namespace = await networkNamespace();
  await using tracker = await startTracker({ host: namespace.hostAddress });
  await using seeder = await startSeeder({
    tracker: tracker.url,
    paths: [folder.join('artefact')],
    asOne: true,
    bind: namespace.hostAddress,
  });
  const torrentFile = folder.join('artefact.torrent');
  await saveWithTracker(tracker, seeder.torrents[0]!.infoHash, torrentFile);

  await using transmission = await startTransmission(namespace);
  const torrent = await transmission.add(torrentFile, { folder: folder.join('down') });
  await torrent.finished();

  const got = await entriesOf(folder.join('down/artefact'));
  expect(got).toEqual(asSeenBy(entries, { links: 'lost', programs: 'files', emptyFiles: 'lost' }));
});

test.for(['v1', 'v2', 'hybrid'] as const)(
  'get() fetches a %s torrent of libtorrent with links and programs as they were',
  async (version, context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    const entries = await makeArtefact(folder.join('artefact'));
    await using tracker = await startTracker();
    await using libtorrent = await startLibtorrent();
    const torrentFile = folder.join('artefact.torrent');
    await libtorrent.create(folder.join('artefact'), torrentFile, {
      version,
      trackers: [tracker.announceUrl],
      attributes: true,
    });
    const { infoHash } = await libtorrent.add(torrentFile, { folder: folder.path });
    await untilSeeders(tracker.announceUrl, infoHash, 1);

    const got = await getTorrent(torrentFile, { output: folder.join('got') });

    expect(await entriesOf(got.path)).toEqual(asSeenBy(entries, { links: 'kept', programs: 'kept' }));
  },
);

test('get() fetches a folder that mktorrent and aria2 know, whose links are files there', async (context) => {
  requirePeers(context, 'aria2', 'mktorrent');
  await using folder = await tempFolder();
  await makeArtefact(folder.join('artefact'));
  await using tracker = await startTracker();
  const source = folder.join('artefact.torrent');
  await makeByMktorrent(folder.join('artefact'), source, tracker.announceUrl);
  await using aria2 = await startAria2Seed({ source, folder: folder.path });

  const got = await getTorrent(source, { output: folder.join('got') });

  expect(got).toMatchObject({ name: 'artefact' });
  expect(await readFile(join(got.path, 'run'), 'utf8')).toBe('#!/bin/sh\n');
  expect(aria2.process.exitCode).toBeNull();
});

test('get() fetches a folder as one, all of it as it was, from qBittorrent as the only seeder', async (context) => {
  requirePeers(context, 'qbittorrent');
  await using folder = await tempFolder();
  const entries = await makeArtefact(folder.join('artefact'));
  await using tracker = await startTracker();
  const torrentFile = folder.join('artefact.torrent');
  const infoHash = await publishOnce(tracker, folder.join('artefact'), torrentFile);
  await using qbittorrent = await startQbittorrent();
  await qbittorrent.add(torrentFile, { folder: folder.path });
  await untilSeeders(tracker.announceUrl, infoHash, 1);

  const got = await getTorrent(torrentFile, { output: folder.join('got') });

  expect(await entriesOf(got.path)).toEqual(entries);
  expect(qbittorrent.process.exitCode).toBeNull();
});

/** Offers a folder until its torrent is saved, and then no longer. @returns the info-hash */
async function publishOnce(tracker: OurTracker, path: string, torrentFile: string): Promise<string> {
  await using seeder = await startSeeder({ tracker: tracker.url, paths: [path], asOne: true });
  const { infoHash } = seeder.torrents[0]!;
  await saveWithTracker(tracker, infoHash, torrentFile);
  return infoHash;
}

test('get() fetches a folder as one by its id from our seeder', async () => {
  await using folder = await tempFolder();
  const entries = await makeArtefact(folder.join('artefact'));
  await using tracker = await startTracker();
  await using seeder = await startSeeder({
    tracker: tracker.url,
    paths: [folder.join('artefact')],
    asOne: true,
  });
  const { contentId } = seeder.torrents[0]!;

  const got = await getFile({ tracker: tracker.url, id: contentId!, output: folder.join('got') });

  expect(got.contentId).toBe(contentId);
  expect(await entriesOf(got.path)).toEqual(entries);
});

/** Leaves out the pads that libtorrent writes out as files. @see BEP 47 */
function withoutPadFiles(entries: Readonly<Record<string, Entry>>): Record<string, Entry> {
  return Object.fromEntries(Object.entries(entries).filter(([path]) => !path.startsWith('.pad')));
}

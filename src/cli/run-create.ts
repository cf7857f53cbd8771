import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  createHashPool,
  createTorrent,
  describeNotUtf8,
  nameInTorrent,
  type TorrentSource,
} from '../hashing/index.ts';
import { type MetainfoVersion, pieceLengthFault } from '../metainfo/index.ts';
import { fsPath, printable, shown, withoutSecrets } from '../util/index.ts';
import { describeTorrent } from './describe-torrent.ts';
import { UsageError } from './errors.ts';
import { failureFields, failureLines, leftOutLines } from './left-out.ts';
import { pathArgument } from './path-argument.ts';
import { refuseUrl } from './refuse-url.ts';
import type { CommandContext } from './run-command.ts';
import { findPlace, writeTorrentFile } from './torrent-file-place.ts';
import { torrentLines } from './torrent-lines.ts';

export interface CreateFlags {
  readonly output?: string;
  readonly force?: true;
  readonly v1?: true;
  readonly v2?: true;
  readonly sha256?: boolean;
  readonly pieceLength?: number;
  readonly tracker?: readonly string[];
  readonly name?: string;
  readonly comment?: string;
  readonly private?: true;
  readonly hidden?: true;
  readonly follow?: true;
  readonly skipUnreadable?: true;
}

export async function runCreate(
  { output, progress, signal }: CommandContext,
  given: string,
  flags: CreateFlags,
): Promise<void> {
  const { name, comment, pieceLength, tracker } = flags;
  refuseUrl('make a torrent of', given);
  const version = versionOf(flags);
  checkPieceLengthFlag(pieceLength, version);
  for (const url of tracker ?? []) checkAnnounceUrl(url);
  const path = await pathArgument(given);
  // The place is checked before hours of reading, and again before the file is written.
  await findPlace(flags.output, name ?? nameInTorrent(basename(resolve(path))), flags);
  let total = 0;
  const isFolder = await isFolderAt(path);
  await using pool = createHashPool();
  const { bytes, metainfo, files, leftOut, skipped } = await createTorrent(pool, path, {
    version,
    sha256: flags.sha256 ?? (isFolder || version !== 'v1'),
    isPrivate: flags.private ?? false,
    ...(name !== undefined && { name }),
    ...(comment !== undefined && { comment }),
    ...(pieceLength !== undefined && { pieceLength }),
    ...(tracker !== undefined && { announceList: tracker.map((url) => [url]) }),
    hidden: flags.hidden ?? false,
    follow: flags.follow ?? false,
    skipUnreadable: flags.skipUnreadable ?? false,
    signal,
    onTotal: (bytes) => {
      total = bytes;
    },
    onProgress: (done) => progress.update({ phase: 'hashing', done, total }),
  });
  const place = await findPlace(flags.output, metainfo.name, flags);
  await writeTorrentFile(place, bytes, flags);
  // Entries of a folder keep the very bytes of their names, but the name of the torrent itself is UTF-8.
  const root = { path: [metainfo.name], diskPath: resolve(path) };
  const renamed = name === undefined ? describeNotUtf8([root]) : undefined;
  progress.stop();
  const torrent = describeTorrent(metainfo);
  output.tell(
    'done',
    {
      ...torrent,
      path: place.shown,
      files: withSha256(torrent.files, files),
      leftOut,
      skipped: failureFields(skipped),
    },
    ...torrentLines(torrent),
    ...(isFolder && flags.sha256 !== true ? [] : sha256Lines(files)),
    ...failureLines(skipped),
    ...leftOutLines(leftOut),
    ...(renamed === undefined ? [] : [renamed]),
    `Wrote ${printable(place.shown)}`,
  );
}

/** Checks the flag before anything is read. @throws {UsageError} that names it */
function checkPieceLengthFlag(pieceLength: number | undefined, version: MetainfoVersion): void {
  const fault = pieceLength === undefined ? undefined : pieceLengthFault(pieceLength, version !== 'v1');
  if (fault === undefined) return;
  const hints =
    version !== 'v1' && pieceLengthFault(pieceLength!, false) === undefined
      ? ['With --v1 it may be any number.']
      : [];
  throw new UsageError(`Cannot make a torrent: --piece-length ${fault}`, hints);
}

/** Matches the schemes of trackers to which today's programs announce. Shoal itself announces to http, https and udp. */
const ANNOUNCE_SCHEMES = /^(?:https?|udp|wss?):\/\//i;

/** Checks a tracker for a new torrent, because the torrent would keep a wrong one for ever. @throws {UsageError} */
function checkAnnounceUrl(url: string): void {
  if (ANNOUNCE_SCHEMES.test(url) && URL.canParse(url)) return;
  throw new UsageError(
    `Cannot make a torrent: --tracker must be the announce URL of a tracker (http, https, udp, ws or wss), such as http://tracker.example:9910/announce; found ${JSON.stringify(withoutSecrets(url))}`,
  );
}

function versionOf({ v1, v2 }: CreateFlags): MetainfoVersion {
  return v1 ? 'v1' : v2 ? 'v2' : 'hybrid';
}

function withSha256<T extends object>(files: readonly T[], sources: readonly TorrentSource[]) {
  return files.map((file, index) => ({ ...file, sha256: sources[index]!.sha256 }));
}

function sha256Lines(files: readonly TorrentSource[]): string[] {
  return files
    .filter(({ sha256 }) => sha256 !== undefined)
    .map(({ sha256, path }) => `SHA-256       ${sha256}  ${shown(path.join('/'))}`);
}

/** Tells whether a path is a folder. A path that cannot be looked at is told of when it is read. */
async function isFolderAt(path: string): Promise<boolean> {
  return stat(fsPath(path)).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

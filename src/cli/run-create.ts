import { rm, stat, writeFile } from 'node:fs/promises';
import { createHashPool, createTorrent, type TorrentSource } from '../hashing/index.ts';
import type { MetainfoVersion } from '../metainfo/index.ts';
import { StorageError } from '../storage/index.ts';
import { printable } from '../util/index.ts';
import { describeTorrent } from './describe-torrent.ts';
import { UsageError } from './errors.ts';
import { failureFields, failureLines, leftOutLines } from './left-out.ts';
import { refuseUrl } from './refuse-url.ts';
import type { CommandContext } from './run-command.ts';
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
  path: string,
  flags: CreateFlags,
): Promise<void> {
  const { name, comment, pieceLength, tracker } = flags;
  refuseUrl('make a torrent of', path);
  if (flags.output !== undefined) await refuseToReplace(flags.output, flags);
  let total = 0;
  await using pool = createHashPool();
  const version = versionOf(flags);
  const { bytes, metainfo, files, leftOut, skipped } = await createTorrent(pool, path, {
    version,
    sha256: flags.sha256 ?? version !== 'v1',
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
  const file = flags.output ?? `${metainfo.name}.torrent`;
  await refuseToReplace(file, flags);
  await writeWhole(file, bytes, flags);
  progress.stop();
  const torrent = describeTorrent(metainfo);
  output.tell(
    'done',
    {
      ...torrent,
      path: file,
      files: withSha256(torrent.files, files),
      leftOut,
      skipped: failureFields(skipped),
    },
    ...torrentLines(torrent),
    ...files.filter(({ sha256 }) => sha256 !== undefined).map(sha256Line),
    ...failureLines(skipped),
    ...leftOutLines(leftOut),
    `Wrote ${file}`,
  );
}

function versionOf({ v1, v2 }: CreateFlags): MetainfoVersion {
  return v1 ? 'v1' : v2 ? 'v2' : 'hybrid';
}

function withSha256<T extends object>(files: readonly T[], sources: readonly TorrentSource[]) {
  return files.map((file, index) => ({ ...file, sha256: sources[index]!.sha256 }));
}

function sha256Line({ sha256, path }: TorrentSource): string {
  return `SHA-256       ${sha256}  ${printable(path.join('/'))}`;
}

/** Before much is read, and again before it is written. */
async function refuseToReplace(file: string, { force }: CreateFlags): Promise<void> {
  const isThere = (await stat(file).catch(() => undefined)) !== undefined;
  if (isThere && !force) throw alreadyThere(file);
}

/** Writes all of a file or leaves none. */
async function writeWhole(file: string, bytes: Uint8Array, { force }: CreateFlags): Promise<void> {
  try {
    await writeFile(file, bytes, { flag: force ? 'w' : 'wx' });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw alreadyThere(file);
    if (code === 'ENOSPC') await rm(file, { force: true });
    throw StorageError.from(thrown, 'write', file);
  }
}

function alreadyThere(file: string): UsageError {
  return new UsageError(`Cannot write ${file}: it is there already; --force replaces it`);
}

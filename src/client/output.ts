import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { diskPlatformAt, type HashPool } from '../hashing/index.ts';
import { diskNameOf, diskPathsOf, type Metainfo } from '../metainfo/index.ts';
import { type Part, planPart, StorageError } from '../storage/index.ts';
import type { Candidate } from './find.ts';
import type { RenamedFile } from './get-options.ts';

/** Where a torrent goes, and which of its names are others there. */
export interface PlannedOutput {
  readonly part: Part;
  /** In the order of the torrent. */
  readonly renamed: readonly RenamedFile[];
}

/**
 * Where a torrent goes. Names are those of the torrent where the disk can hold them, see `diskPathsOf()`. A folder that is there gets a single file put into it, under the torrent's name, as `cp` does;
 * it can become the folder of a torrent of several files only while it is empty.
 *
 * @param output as the user gave it; absent: the torrent's name in the current folder
 * @throws {StorageError} NOT_WRITABLE when something is in the way
 */
export async function planOutput(metainfo: Metainfo, output: string | undefined): Promise<PlannedOutput> {
  const { files } = metainfo;
  const platform = await diskPlatformAt(resolve(output ?? '.'));
  const name = diskNameOf(metainfo.name, platform);
  const wanted = resolve(output ?? name);
  const isFolder = (await statOf(wanted))?.isDirectory() ?? false;
  if (metainfo.isSingleFile) {
    const path = isFolder ? join(wanted, name) : wanted;
    if (isFolder && (await statOf(path))?.isDirectory()) throw inTheWay(path, 'a folder');
    const renamed = isFolder || output === undefined ? renamedAmong([[metainfo.name]], [[name]]) : [];
    return { part: planPart(path, true, files), renamed };
  }
  const found = await statOf(wanted);
  if (found !== undefined && !isFolder) throw inTheWay(wanted, 'a file');
  if (isFolder && (await readdir(wanted)).length > 0) throw inTheWay(wanted, 'a folder with something in it');
  const paths = files.map(({ path }) => path);
  const diskPaths = diskPathsOf(paths, platform);
  const placed = files.map((file, at) => ({ ...file, path: diskPaths[at]! }));
  return { part: planPart(wanted, false, placed), renamed: renamedAmong(paths, diskPaths) };
}

function renamedAmong(
  paths: readonly (readonly string[])[],
  diskPaths: readonly (readonly string[])[],
): RenamedFile[] {
  return paths
    .map((path, at) => ({ path: path.join('/'), diskPath: diskPaths[at]!.join('/') }))
    .filter(({ path, diskPath }) => path !== diskPath);
}

/** Whether the very file that is wanted is there already. */
export async function isThereAlready(
  { metainfo, sha256 }: Candidate,
  part: Part,
  pool: HashPool,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await statOf(part.output);
  if (sha256 === undefined || !found?.isFile() || found.size !== metainfo.length) return false;
  return (await pool.sha256File(part.output, { signal })) === sha256;
}

function inTheWay(path: string, what: string): StorageError {
  const reason = `${what} of that name is there`;
  return new StorageError('NOT_WRITABLE', path, { action: 'download to', reason });
}

/** `undefined` when there is nothing; what cannot be looked at shows when it is written to. */
async function statOf(path: string) {
  return stat(path).catch(() => undefined);
}

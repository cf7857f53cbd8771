import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  deliveredNameOf,
  diskNameOf,
  diskPathsOf,
  type Metainfo,
  nameToBytes,
  placesOf,
} from '../metainfo/index.ts';
import { diskPathFromBytes, fsPath, toError } from '../util/index.ts';
import { diskPlatformAt } from './disk-platform.ts';
import { unreadable } from './errors.ts';

/** The number of files that are looked for to tell a torrent's folder from a folder in it with the same name. */
const FILES_LOOKED_AT = 64;

/**
 * Finds where the files of a torrent are: at `path` itself, or in the folder `path` under the torrent's name on this disk.
 * If a folder has a folder of the same name in it, the one with more of the torrent's files is chosen.
 *
 * @returns the root for `HashPool.verifyFiles`, which need not exist
 */
export async function torrentRootAt(metainfo: Metainfo, path: string): Promise<string> {
  const { name, isSingleFile } = metainfo;
  const platform = await diskPlatformAt(path);
  const names = [diskNameOf(name, platform), deliveredNameOf(name, platform), ...namesNotUtf8([name])];
  for (const inside of names.map((candidate) => join(path, candidate))) {
    const found = await stat(fsPath(inside)).catch(() => undefined);
    if (found?.isFile() !== isSingleFile) continue;
    if (isSingleFile || (await countThere(metainfo, inside)) >= (await countThere(metainfo, path)))
      return inside;
  }
  // A folder cannot be the file of a single-file torrent. The file is looked for in the folder.
  const isInFolder =
    isSingleFile && (await stat(fsPath(path)).catch(() => undefined))?.isDirectory() === true;
  return isInFolder ? join(path, names[0]!) : path;
}

/** Checks that a path given for the files of a torrent exists. @throws {HashingError} `FILE_UNREADABLE` */
export async function requireThere(path: string): Promise<void> {
  try {
    await stat(fsPath(path));
  } catch (thrown) {
    throw unreadable(path, toError(thrown));
  }
}

async function countThere(metainfo: Metainfo, root: string): Promise<number> {
  const paths = (await diskPathsAt(metainfo, root)).slice(0, FILES_LOOKED_AT);
  const found = await Promise.all(paths.map(isThere));
  return found.filter(Boolean).length;
}

/**
 * Finds the path on disk of each file of a torrent, which is where a download puts it. The file need not be there. For a
 * name that is not UTF-8, a file that has these very bytes as its name also counts, as other programs and the maker of the
 * torrent have it, and so does one with the bytes as escapes (`%B2`), as older versions of Shoal made it.
 *
 * @param root the result of {@link torrentRootAt}
 * @returns the paths; `fsPath()` makes them fit for `node:fs`
 */
export async function diskPathsAt(metainfo: Metainfo, root: string): Promise<string[]> {
  const { files, isSingleFile } = metainfo;
  if (isSingleFile) return [root];
  const platform = await diskPlatformAt(root);
  const placed = placesOf(metainfo, platform).files.map((path) => join(root, ...path));
  for (const [index, { path, exactPath }] of files.entries()) {
    const escaped =
      exactPath === undefined ? [] : diskPathsOf([path], platform).map((names) => join(...names));
    for (const name of [...escaped, ...namesNotUtf8(path)]) {
      const other = join(root, name);
      if (!(await isThere(placed[index]!)) && (await isThere(other))) placed[index] = other;
    }
  }
  return placed;
}

/**
 * Finds the path in which names that are not UTF-8 have their very bytes.
 *
 * @returns one path, in which the escapes of `path` are turned back into bytes; an empty list if it has no escapes
 */
function namesNotUtf8(path: readonly string[]): string[] {
  if (path.every((name) => nameToBytes(name) === undefined)) return [];
  return [join(...path.map((name) => diskPathFromBytes(nameToBytes(name) ?? Buffer.from(name))))];
}

async function isThere(path: string): Promise<boolean> {
  return lstat(fsPath(path)).then(
    () => true,
    () => false,
  );
}

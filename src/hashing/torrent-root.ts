import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deliveredNameOf, diskNameOf, diskPathsOf, type Metainfo, nameToBytes } from '../metainfo/index.ts';
import { diskPathFromBytes, fsPath, toError } from '../util/index.ts';
import { diskPlatformAt } from './disk-platform.ts';
import { unreadable } from './errors.ts';

/** The number of files that are looked at to tell a torrent's folder from one in it that has the same name. */
const FILES_LOOKED_AT = 64;

/**
 * Finds where the files of a torrent are: at `path` itself, or, when `path` is the folder that holds them, in it under
 * the torrent's name as this disk has it. A folder may have one of its own name in it; then the one with more of the
 * files is taken.
 *
 * @returns what `HashPool.verifyFiles` takes as its root; it need not be there
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
  // A folder cannot be the file of a single-file torrent; that file is looked for in it.
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
 * Finds the place on disk of each file of a torrent, whether it is there or not: the place where a download puts it.
 * For a name that is not UTF-8 a file that has the very bytes as its name is taken, too, as other programs and the
 * maker of the torrent have it.
 *
 * @param root of {@link torrentRootAt}
 * @returns paths that may need `fsPath()`
 */
export async function diskPathsAt({ files, isSingleFile }: Metainfo, root: string): Promise<string[]> {
  if (isSingleFile) return [root];
  const paths = files.map(({ path }) => path);
  const placed = diskPathsOf(paths, await diskPlatformAt(root)).map((path) => join(root, ...path));
  for (const [index, path] of paths.entries()) {
    for (const name of namesNotUtf8(path)) {
      const raw = join(root, name);
      if (!(await isThere(placed[index]!)) && (await isThere(raw))) placed[index] = raw;
    }
  }
  return placed;
}

/**
 * Finds the path that has the very bytes of names that are not UTF-8.
 *
 * @returns nothing or the one path in which the bytes stand that the escapes in `path` stand for
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

import { fstatSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskPathFromBytes, diskPathToBytes, fsPath } from '../util/index.ts';

/** Finds the path of a file or folder that leads through no symbolic link. @throws the system's error */
export async function realPathOf(path: string): Promise<string> {
  return diskPathFromBytes(await realpath(fsPath(path), { encoding: 'buffer' }));
}

/** Finds the same path as {@link realPathOf} for a name that may not exist yet, from the folders above it that do exist. */
export async function realPathOfNew(path: string): Promise<string> {
  try {
    return await realPathOf(path);
  } catch (thrown) {
    const folder = dirname(path);
    if (!UNSEEN.includes((thrown as NodeJS.ErrnoException).code ?? '') || folder === path) throw thrown;
    return join(await realPathOfNew(folder), basename(path));
  }
}

/** The error codes for a path that does not exist, or that this process may not look at. */
const UNSEEN = ['ENOENT', 'ENOTDIR', 'EACCES'];

/**
 * Tells whether an open file is the one at a real path. If somebody put a symbolic link in the place of the file, or of
 * any folder above it, before or while it was opened, then another file is open.
 *
 * Linux tells the path of an open file; on a disk that ignores letter case, it may spell the path in another way. On other
 * systems the file at the path is looked at again and compared.
 *
 * @param realPath the result of {@link realPathOf} at a time at which the path was trusted
 */
export function isOpenAt(fd: number, realPath: string): boolean {
  const wanted = diskPathToBytes(realPath);
  try {
    if (process.platform === 'linux') {
      const found = readlinkSync(`/proc/self/fd/${fd}`, 'buffer');
      return found.equals(wanted) || diskPathFromBytes(found).toLowerCase() === realPath.toLowerCase();
    }
  } catch {
    // There is no /proc here.
  }
  try {
    const { dev, ino } = lstatSync(wanted, { bigint: true });
    const open = fstatSync(fd, { bigint: true });
    const isSame = dev === open.dev && ino === open.ino;
    return isSame && realpathSync.native(wanted, 'buffer').equals(wanted);
  } catch {
    return false;
  }
}

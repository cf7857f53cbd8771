import { constants, open } from 'node:fs/promises';
import { fsPath } from '../util/index.ts';
import { pathThrough } from './open-now.ts';
import { isOpenAt } from './real-path.ts';

/**
 * Does `work` with the names in a folder, if the folder is at its real path. On Linux the folder is open meanwhile and
 * `work` gets a path that leads through it, so that nobody can put a link in the place of the folder in between.
 *
 * @param realPath its path without links
 * @param work gets the path of the folder to put before a name
 * @returns `undefined` when a symbolic link has taken the place of the folder, or of one above it
 * @throws the system's error, and the error of `work`
 */
export async function inRealFolder<T>(
  realPath: string,
  work: (folder: string) => Promise<T>,
): Promise<T | undefined> {
  // Windows cannot open folders.
  if (process.platform === 'win32') return work(realPath);
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const folder = await open(fsPath(realPath), flags).catch((thrown: NodeJS.ErrnoException) => {
    // A link has the one error or the other, depending on the system.
    if (thrown.code !== 'ELOOP' && thrown.code !== 'ENOTDIR') throw thrown;
    return undefined;
  });
  if (folder === undefined) return undefined;
  try {
    if (!isOpenAt(folder.fd, realPath)) return undefined;
    return await work(pathThrough(folder.fd, realPath));
  } finally {
    await folder.close();
  }
}

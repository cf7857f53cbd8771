import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DiskPlatform } from '../metainfo/index.ts';

/**
 * The file systems that hold names by the rules of Windows wherever they are mounted, by `f_type` of statfs(2): vfat,
 * exfat.
 */
const LIKE_WINDOWS: ReadonlySet<number> = new Set([0x4d44, 0x2011bab0]);

/**
 * Finds out by which system's rules names are held on the disk that a path is on, or will be on once it is made.
 *
 * @param typeAt looks up the type of a file system; `undefined` where nothing is at the path
 */
export async function diskPlatformAt(
  path: string,
  platform: string = process.platform,
  typeAt: (path: string) => Promise<number | undefined> = typeOfFileSystem,
): Promise<DiskPlatform> {
  if (platform === 'win32' || platform === 'darwin') return platform;
  for (let at = resolve(path); ; at = dirname(at)) {
    const type = await typeAt(at);
    if (type !== undefined) return LIKE_WINDOWS.has(type) ? 'win32' : 'linux';
    if (at === dirname(at)) return 'linux';
  }
}

async function typeOfFileSystem(path: string): Promise<number | undefined> {
  return statfs(path).then(
    ({ type }) => type,
    () => undefined,
  );
}

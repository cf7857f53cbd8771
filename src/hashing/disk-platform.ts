import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DiskPlatform } from '../metainfo/index.ts';

/**
 * The file systems that have the rules of Windows for names on every system: vfat and exfat, by `f_type` of statfs(2).
 */
const LIKE_WINDOWS: ReadonlySet<number> = new Set([0x4d44, 0x2011bab0]);

/**
 * Finds out which system's rules for names hold on the disk of a path, which need not exist yet.
 *
 * @param typeAt looks up the type of the file system at a path; it returns `undefined` for a path that does not exist
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

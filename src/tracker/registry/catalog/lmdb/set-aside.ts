import { rename, rm } from 'node:fs/promises';

/** Gives the name under which a damaged catalog is kept. */
export function asideOf(path: string): string {
  return `${path}.damaged`;
}

/** Gives the path of the lock file that LMDB makes beside a file. */
export function lockOf(path: string): string {
  return `${path}-lock`;
}

/**
 * Keeps a damaged catalog, which is not open, under another name, so that a new one can be begun in its place.
 *
 * @returns its path now; a file that was there before is gone
 */
export async function setAside(path: string): Promise<string> {
  await rename(path, asideOf(path));
  await rm(lockOf(path), { force: true });
  return asideOf(path);
}

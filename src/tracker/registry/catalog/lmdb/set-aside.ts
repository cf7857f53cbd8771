import { rename, rm } from 'node:fs/promises';

/** The name under which a damaged catalog is kept. */
export function asideOf(path: string): string {
  return `${path}.damaged`;
}

/** The file that LMDB puts beside another one. */
export function lockOf(path: string): string {
  return `${path}-lock`;
}

/**
 * Keeps a damaged catalog, which is not open, under another name, so that a new one can be begun in its place.
 *
 * @returns the path that it has now; what was there before is gone
 */
export async function setAside(path: string): Promise<string> {
  await rename(path, asideOf(path));
  await rm(lockOf(path), { force: true });
  return asideOf(path);
}

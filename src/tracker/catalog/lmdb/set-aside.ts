import { rename, rm } from 'node:fs/promises';

/** What stands behind the name of a catalog that was set aside. */
const DAMAGED_SUFFIX = '.damaged';

/**
 * Keeps a damaged catalog, which is not open, under another name, so that a new one can be begun in its place.
 *
 * @returns the path that it has now; what was there before is gone
 */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}${DAMAGED_SUFFIX}`;
  await rename(path, aside);
  await rm(`${path}-lock`, { force: true });
  return aside;
}

import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Makes a folder hold what another one holds, file by file, so that programs that run from it find every file at all times. A
 * file with the same content stays the very file. The other folder is used up.
 *
 * @param {string} folder
 * @param {string} other on the same file system
 * @returns {Promise<void>}
 */
export async function replaceFolder(folder, other) {
  const files = await filesBelow(other);
  for (const file of files) {
    const [from, to] = [join(other, file), join(folder, file)];
    if (await isSame(from, to)) continue;
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
  }
  const kept = new Set(files);
  for (const file of await filesBelow(folder)) {
    if (!kept.has(file)) await rm(join(folder, file), { force: true });
  }
  await rm(other, { recursive: true, force: true });
}

async function filesBelow(folder) {
  const names = await readdir(folder, { recursive: true });
  const isFile = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).isFile()));
  return names.filter((_, index) => isFile[index]);
}

async function isSame(one, other) {
  const [found, there] = await Promise.all([readFile(one), readFile(other).catch(() => undefined)]);
  return there !== undefined && found.equals(there);
}

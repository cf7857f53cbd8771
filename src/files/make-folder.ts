import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { requireKind } from './replace.ts';

/**
 * Makes a folder, and before it those above it that are missing. A folder that is there already is fine.
 *
 * Node's own recursive `mkdir` never returns in a place such as `/proc`, where the system says of a name that it is
 * missing although the folder above is there: this one tries each name twice at most.
 *
 * @param mode of the folder itself when it is made, `0o700` for one that others may not look into; absent: as usual
 * @throws the system's error of the name that could not be made
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (thrown) {
    if (await isFolder(path)) return;
    const parent = dirname(path);
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw thrown;
    await makeFolder(parent);
    await mkdir(path, { mode }).catch(async (second: unknown) => {
      // Another process may have made it at this moment.
      if (!(await isFolder(path))) throw second;
    });
  }
}

/**
 * Makes a folder below another one, and what is missing between them. Below `root`, and in its place, a link to a folder
 * is refused, so that nobody can lead what is written there to another place.
 *
 * @throws {FileKindError} and the system's error
 */
export async function makeFolderBelow(root: string, path: string): Promise<void> {
  let at = root;
  for (const name of ['', ...relative(root, path).split(sep)]) {
    at = join(at, name);
    await requireKind('make a folder of', at, ['folder']);
    await makeFolder(at);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fsPath } from '../util/index.ts';
import { requireKind } from './replace.ts';

/**
 * Makes a folder and the missing folders above it. It succeeds if the folder is there already.
 *
 * Node's own recursive `mkdir` never returns in a place such as `/proc`, where the system calls a name missing although
 * the folder above it is there. This function tries each name at most twice.
 *
 * @param mode the mode of the folder itself if it is made, such as `0o700` for one that others may not look into; by
 * default the system's
 * @throws the system's error of the name that could not be made
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(fsPath(path), { mode });
  } catch (thrown) {
    if (await isFolder(path)) return;
    const parent = dirname(path);
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw thrown;
    await makeFolder(parent);
    await mkdir(fsPath(path), { mode }).catch(async (second: unknown) => {
      // Another process may have made it at this moment.
      if (!(await isFolder(path))) throw second;
    });
  }
}

/**
 * Makes a folder below another one, and the missing folders between them. A symbolic link in the place of `root` or below
 * it is refused, so that nobody can lead what is written there to another place.
 *
 * @param known folders that were made or seen just now, which are not looked at again; those of this call are added
 * @throws {FileKindError} and the system's error
 */
export async function makeFolderBelow(root: string, path: string, known = new Set<string>()): Promise<void> {
  let at = root;
  for (const name of ['', ...relative(root, path).split(sep)]) {
    at = join(at, name);
    if (known.has(at)) continue;
    const kind = await requireKind('make a folder of', at, ['folder']);
    if (kind === undefined) await makeFolder(at);
    known.add(at);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(fsPath(path)).catch(() => undefined))?.isDirectory() === true;
}

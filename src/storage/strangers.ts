import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { diskPathFromBytes, fsPath } from '../util/index.ts';
import { removeTree } from './remove-tree.ts';
import { foldersOf, type StoredEntries } from './stored-entries.ts';

/** A thing in the folder of a torrent that is no entry of the torrent. */
interface Stranger {
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * Lists the paths in the folder of a torrent that are no entries of it, by their names on this disk. A folder that is not
 * of the torrent is listed by what is in it, and by itself if it is empty or cannot be looked into. A folder of the torrent
 * that cannot be looked into has nothing that can be told.
 *
 * @param limit the most paths
 * @throws the system's error, and the signal's reason
 */
export async function listStrangers(
  entries: StoredEntries,
  root: string,
  limit: number,
  signal?: AbortSignal,
): Promise<string[]> {
  const found: string[] = [];
  const list = async ({ path, isFolder }: Stranger): Promise<void> => {
    if (found.length >= limit) return;
    const inside = isFolder ? await readableNamesIn(path) : [];
    if (inside.length === 0) found.push(path);
    for (const one of inside) await list(strangerAt(path, one));
  };
  for await (const stranger of strangersIn(entries, root, { signal, namesIn: readableNamesIn })) {
    await list(stranger);
    if (found.length >= limit) break;
  }
  return found;
}

/**
 * Removes everything from the folder of an unfinished download that is no entry of its torrent: the download of an earlier
 * version may have left it. A file in the place of a folder is removed, too, and a folder in the place of a file. Links and
 * special files in the place of an entry stay, since no download has left them: making the entry refuses them. A link is
 * removed itself, not what it leads to.
 *
 * @throws the system's error
 */
export async function removeStrangers(entries: StoredEntries, root: string): Promise<void> {
  for await (const { path } of strangersIn(entries, root, { areWrongFoldersStrangers: true })) {
    await removeTree(path);
  }
}

async function* strangersIn(
  entries: StoredEntries,
  root: string,
  {
    signal,
    areWrongFoldersStrangers = false,
    namesIn = allNamesIn,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly areWrongFoldersStrangers?: boolean;
    readonly namesIn?: typeof allNamesIn;
  },
): AsyncGenerator<Stranger> {
  const folders = foldersOf(entries, root);
  const files = new Set(entries.files.map(({ path }) => path));
  const links = new Set(entries.links.map(({ path }) => path));
  const isOurs = (path: string, found: Dirent<Buffer>) => {
    if (areWrongFoldersStrangers && found.isDirectory()) return folders.has(path);
    if (areWrongFoldersStrangers && found.isFile()) return files.has(path);
    return files.has(path) || links.has(path) || folders.has(path);
  };
  const queue = [root];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    signal?.throwIfAborted();
    for (const found of await namesIn(folder)) {
      const stranger = strangerAt(folder, found);
      const { path, isFolder } = stranger;
      if (!isOurs(path, found)) yield stranger;
      else if (isFolder && folders.has(path)) queue.push(path);
    }
  }
}

function strangerAt(folder: string, found: Dirent<Buffer>): Stranger {
  return { path: join(folder, diskPathFromBytes(found.name)), isFolder: found.isDirectory() };
}

function allNamesIn(folder: string): Promise<Dirent<Buffer>[]> {
  return readdir(fsPath(folder), { withFileTypes: true, encoding: 'buffer' });
}

/** Lists the names in a folder; none if this user may not look into it. @throws the system's error */
async function readableNamesIn(folder: string): Promise<Dirent<Buffer>[]> {
  try {
    return await allNamesIn(folder);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return [];
    throw thrown;
  }
}

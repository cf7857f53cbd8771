import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareFilePaths, MAX_FILES } from '../metainfo/index.ts';
import { toError } from '../util/index.ts';
import { HashingError } from './errors.ts';

/** A file that can go into a torrent. */
export interface FoundFile {
  /** Names below the folder; empty for the path itself when that is a file. */
  readonly path: readonly string[];
  readonly diskPath: string;
  readonly length: number;
}

/**
 * What a torrent of `root` holds: the file itself, or all regular files of the folder and the folders in it, in the
 * order of a v2 torrent. Names that start with a dot are left out, and so is all that is no regular file: a symbolic
 * link could lead out of the folder.
 *
 * @throws {HashingError} `FILE_UNREADABLE`, `NO_FILES`, `TOO_MANY_FILES`
 */
export async function listFiles(root: string): Promise<readonly FoundFile[]> {
  const stats = await look(root, (path) => stat(path));
  if (stats.isFile()) return [{ path: [], diskPath: root, length: stats.size }];
  const files: FoundFile[] = [];
  if (stats.isDirectory()) await listFolder(root, [], files);
  if (files.length === 0) {
    throw new HashingError('NO_FILES', `Cannot make a torrent of ${root}: there is no regular file in it`, {
      path: root,
    });
  }
  return files.sort((a, b) => compareFilePaths(a.path, b.path));
}

async function listFolder(root: string, path: readonly string[], into: FoundFile[]): Promise<void> {
  const folder = join(root, ...path);
  const entries = await look(folder, (path) => readdir(path, { withFileTypes: true }));
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const entryPath = [...path, entry.name];
    const diskPath = join(root, ...entryPath);
    if (entry.isDirectory()) await listFolder(root, entryPath, into);
    else if (entry.isFile())
      into.push({ path: entryPath, diskPath, length: (await look(diskPath, (path) => lstat(path))).size });
    if (into.length > MAX_FILES) {
      throw new HashingError(
        'TOO_MANY_FILES',
        `Cannot make a torrent of ${root}: there are more than ${MAX_FILES} files in it`,
        { path: root },
      );
    }
  }
}

async function look<T>(path: string, how: (path: string) => Promise<T>): Promise<T> {
  try {
    return await how(path);
  } catch (thrown) {
    throw new HashingError('FILE_UNREADABLE', `Cannot read ${path}: ${toError(thrown).message}`, {
      path,
      cause: thrown,
    });
  }
}

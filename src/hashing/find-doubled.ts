import { fsPath } from '../util/index.ts';
import { HashingError } from './errors.ts';
import type { ListedFile } from './list-files.ts';

/**
 * Finds files with different paths on disk that would have one path in a torrent. A torrent escapes a name that is not
 * UTF-8, and another file may have the escaped name: `%B2` beside a name of the one byte B2. The file whose path on disk is
 * first in order keeps its name.
 *
 * @returns an error for each of the others, by `diskPath`
 */
export function findDoubled(files: readonly ListedFile[]): ReadonlyMap<string, HashingError> {
  const faults = new Map<string, HashingError>();
  // Names that are UTF-8 are not escaped.
  if (files.every(({ diskPath }) => fsPath(diskPath) === diskPath)) return faults;
  const fileAt = new Map<string, string>();
  const fileBelow = new Map<string, string>();
  const inOrder = files.toSorted((a, b) => (a.diskPath < b.diskPath ? -1 : 1));
  for (const { path, diskPath } of inOrder) {
    const place = path.join('/');
    const folders = foldersOf(path);
    const inItsPlace = [place, ...folders]
      .map((taken) => fileAt.get(taken))
      .find((found) => found !== undefined);
    const rival = inItsPlace ?? fileBelow.get(place);
    if (rival !== undefined) {
      faults.set(diskPath, doubled(diskPath, place, rival));
      continue;
    }
    fileAt.set(place, diskPath);
    for (const folder of folders) if (!fileBelow.has(folder)) fileBelow.set(folder, diskPath);
  }
  return faults;
}

function foldersOf(path: readonly string[]): string[] {
  return path.slice(1).map((_, index) => path.slice(0, index + 1).join('/'));
}

function doubled(diskPath: string, place: string, rival: string): HashingError {
  const message = `Cannot use ${diskPath}: in the torrent it would be ${JSON.stringify(place)}, as ${rival} is; rename one of them`;
  return new HashingError('BAD_NAME', message, { path: diskPath });
}

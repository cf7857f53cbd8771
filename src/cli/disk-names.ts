import { relative, sep } from 'node:path';
import { diskPathsOf, type Metainfo } from '../metainfo/index.ts';
import { shown } from '../util/index.ts';

/**
 * Finds where a download into the current folder would put the files of a torrent that have the same path as another file,
 * because their paths alone do not tell them apart.
 *
 * @returns the paths below the torrent's folder, with `/`, by the index of the file; for most torrents there are none
 */
export async function diskPathsOfDoubled({ files }: Metainfo): Promise<ReadonlyMap<number, string>> {
  const countOf = new Map<string, number>();
  for (const { path } of files) {
    const place = path.join('/');
    countOf.set(place, (countOf.get(place) ?? 0) + 1);
  }
  const found = new Map<number, string>();
  if (countOf.size === files.length) return found;
  // Hashing is loaded only for the few torrents that need it.
  const { diskPlatformAt } = await import('../hashing/index.ts');
  const paths = files.map(({ path }) => path);
  for (const [index, placed] of diskPathsOf(paths, await diskPlatformAt('.')).entries()) {
    if (countOf.get(paths[index]!.join('/'))! > 1) found.set(index, placed.join('/'));
  }
  return found;
}

/** Makes the path of a file below the folder of its torrent, with `/` between the names. */
export function pathBelow(root: string, diskPath: string): string {
  return relative(root, diskPath).replaceAll(sep, '/');
}

/**
 * Writes the path of a file in a torrent for people, with the path on disk beside it if that differs.
 *
 * @param file the paths below the folder of the torrent; `diskPath` may be missing
 */
export function shownPath({
  path,
  diskPath = path,
}: {
  readonly path: string;
  readonly diskPath?: string;
}): string {
  return diskPath === path ? shown(path) : `${shown(path)} (on disk: ${shown(diskPath)})`;
}

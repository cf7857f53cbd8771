import { relative, sep } from 'node:path';
import { diskPathsOf, type Metainfo } from '../metainfo/index.ts';
import { shown } from '../util/index.ts';

/**
 * Finds out where a download into the current folder would put those files of a torrent that share their path with another
 * file: by their paths alone they cannot be told apart.
 *
 * @returns paths below the torrent's folder, with `/`, by the index of the file; empty for most torrents
 */
export async function diskPathsOfDoubled({ files }: Metainfo): Promise<ReadonlyMap<number, string>> {
  const countOf = new Map<string, number>();
  for (const { path } of files) {
    const place = path.join('/');
    countOf.set(place, (countOf.get(place) ?? 0) + 1);
  }
  const found = new Map<number, string>();
  if (countOf.size === files.length) return found;
  // Hashing is loaded for these few torrents only.
  const { diskPlatformAt } = await import('../hashing/index.ts');
  const paths = files.map(({ path }) => path);
  for (const [index, placed] of diskPathsOf(paths, await diskPlatformAt('.')).entries()) {
    if (countOf.get(paths[index]!.join('/'))! > 1) found.set(index, placed.join('/'));
  }
  return found;
}

/** Says where a file is below the folder of its torrent, with `/` between the names. */
export function pathBelow(root: string, diskPath: string): string {
  return relative(root, diskPath).replaceAll(sep, '/');
}

/**
 * Shows the path of a file in a torrent to people, with the one on disk beside it where that is another one.
 *
 * @param file its paths below the folder of the torrent; `diskPath` is absent where it is not known or of no interest
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

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metainfo } from '../metainfo/index.ts';

/**
 * Where the files of a torrent are: at `path` itself, or, when `path` is the folder that holds them, in it under the
 * torrent's name.
 *
 * @returns what `HashPool.verifyFiles` takes as its root; that anything is there is not said
 */
export async function torrentRootAt({ name, isSingleFile }: Metainfo, path: string): Promise<string> {
  const inside = join(path, name);
  const found = await stat(inside).catch(() => undefined);
  return found?.isFile() === isSingleFile ? inside : path;
}

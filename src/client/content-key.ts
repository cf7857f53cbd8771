import type { MetainfoFile } from '../metainfo/index.ts';
import { toHex } from '../util/index.ts';

/**
 * Makes a text that is the same for files of one content, from the hash of the whole file that a torrent has: the v2 root, or
 * else the SHA-256.
 *
 * @returns `undefined` when the torrent has neither, and for an empty file of a v2 torrent
 */
export function contentKeyOf({
  piecesRoot,
  sha256,
}: Pick<MetainfoFile, 'piecesRoot' | 'sha256'>): string | undefined {
  if (piecesRoot !== undefined) return `root ${toHex(piecesRoot)}`;
  return sha256 && `sha256 ${toHex(sha256)}`;
}

import type { HashPool } from '../hashing/index.ts';
import { toHex } from '../util/index.ts';
import type { Offer, OfferedFile } from './offer.ts';

/**
 * Reads files of an offer, and finds those that are not what was hashed. The SHA-256 of each file tells it. Where there is none, as
 * in torrents made elsewhere, all pieces of the torrent are checked, and all given files count as different if one is not good.
 *
 * @throws {HashingError} when a torrent made elsewhere cannot be checked, because a file is being written or cannot be read
 */
export async function findDifferent(
  pool: Pick<HashPool, 'sha256Files' | 'verifyFiles'>,
  { metainfo, files, path, sha256 }: Offer,
  touched: readonly OfferedFile[],
  signal?: AbortSignal,
): Promise<readonly OfferedFile[]> {
  const places = new Map(files.map((file, at) => [file, at]));
  const wanted = touched.map((file) => {
    const { length, sha256: own } = metainfo.files[places.get(file)!]!;
    return { file, length, sha256: own === undefined ? sha256 : toHex(own) };
  });
  if (wanted.some((file) => file.sha256 === undefined)) {
    const { isComplete } = await pool.verifyFiles(metainfo, path, { signal });
    return isComplete ? [] : touched;
  }
  const found = await pool.sha256Files(
    wanted.map(({ file, length }) => ({ path: file.path, realPath: file.realPath, length })),
    { signal },
  );
  return wanted.filter((file, at) => found[at] !== file.sha256).map(({ file }) => file);
}

import type { StoredEntries } from '../storage/index.ts';
import { toHex } from '../util/index.ts';
import type { Watch, WrongFile } from './disk.ts';
import type { DiskTools } from './disk-tools.ts';
import type { TorrentCandidate } from './find.ts';
import { paced } from './paced.ts';
import { progressOf } from './progress-of.ts';

/** Lists the SHA-256 that each file of a torrent must have, in hex; `undefined` where nobody knows it. */
export function expectedSha256s({ metainfo, sha256 }: TorrentCandidate): (string | undefined)[] {
  return metainfo.files.map((file) => {
    const ofTorrent = file.sha256 && toHex(file.sha256);
    return metainfo.isSingleFile ? (sha256 ?? ofTorrent) : ofTorrent;
  });
}

/**
 * Checks the SHA-256 of the files of a torrent on the disk, on all threads.
 *
 * @param files the files in the order of the torrent, at the places where they are now
 * @param among the indices of the files to check; by default all
 * @returns the files that have not the SHA-256 that is expected; a file of which nobody knows it is not among them
 * @throws {HashingError} and the signal's reason
 */
export async function checkFiles(
  candidate: TorrentCandidate,
  files: StoredEntries['files'],
  { pool, clock, signal, tell }: Pick<DiskTools, 'pool' | 'clock'> & Watch,
  among: Iterable<number> = files.keys(),
): Promise<WrongFile[]> {
  const expected = expectedSha256s(candidate);
  const indices = [...among].filter((index) => expected[index] !== undefined);
  if (indices.length === 0) return [];
  const found = await pool.sha256Files(
    indices.map((index) => files[index]!),
    { signal, onProgress: paced(clock, (done) => tell(progressOf('verifying', candidate, done))) },
  );
  return indices.flatMap((index, at) => {
    if (found[at] === expected[index]) return [];
    const path = candidate.metainfo.files[index]!.path.join('/');
    return [{ path, found: found[at], expected: expected[index]! }];
  });
}

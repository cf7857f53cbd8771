import { dirname, relative, sep } from 'node:path';
import { realPathOfNew } from '../files/index.ts';
import type { Part } from '../storage/index.ts';
import type { Watch } from './disk.ts';
import type { DiskTools } from './disk-tools.ts';
import type { TorrentCandidate } from './find.ts';
import { LocalFiles } from './local-files.ts';
import { paced } from './paced.ts';
import { progressOf } from './progress-of.ts';
import { Reuse } from './reuse.ts';
import { ReuseCandidates } from './reuse-candidates.ts';

/**
 * Prepares to take bytes of a torrent from files on this disk.
 *
 * @returns `undefined` when there are none
 */
export async function openReuse(
  candidate: TorrentCandidate,
  part: Part,
  options: DiskTools & Watch & { readonly reuse: readonly string[] },
): Promise<Reuse | undefined> {
  const { reuse, report, pool, openFiles, preallocation, clock, signal, tell } = options;
  if (reuse.length === 0) return undefined;
  const { metainfo, sha256 } = candidate;
  tell(progressOf('reusing', candidate, 0));
  const local = await LocalFiles.open(reuse, await realPathOfNew(part.path), pool, report);
  const onProgress = paced(clock, ({ done, total }: { readonly done: number; readonly total: number }) =>
    tell(progressOf('reusing', candidate, done, total)),
  );
  const candidates = new ReuseCandidates({
    metainfo,
    sha256,
    diskNames: diskNamesOf(metainfo.isSingleFile, part),
    local,
    pool,
    signal,
    onHashed: (done, total) => onProgress({ done, total }),
  });
  const onRead = (done: number, total: number) => onProgress({ done, total });
  return new Reuse({ metainfo, part, candidates, pool, openFiles, preallocation, signal, onRead });
}

/** Lists the names on disk of each file, below the output. Those of a single file are its own name. */
function diskNamesOf(isSingleFile: boolean, part: Part): readonly (readonly string[])[] {
  const above = isSingleFile ? dirname(part.output) : part.path;
  return part.files.map(({ path }) => relative(above, isSingleFile ? part.output : path).split(sep));
}

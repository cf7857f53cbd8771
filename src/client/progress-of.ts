import type { TorrentCandidate } from './find.ts';
import type { GetPhase, GetProgress } from './get-options.ts';

/** Makes the progress of a phase in which nothing is transferred. */
export function progressOf(
  phase: GetPhase,
  { metainfo }: TorrentCandidate,
  done: number,
  total = metainfo.length,
): GetProgress {
  return {
    phase,
    name: metainfo.name,
    done: Math.min(done, total),
    total,
    downloadRate: 0,
    uploadRate: 0,
    peers: 0,
  };
}

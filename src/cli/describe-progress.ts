import { formatCount, formatRate, formatSeconds, formatSize, printable } from './format.ts';
import type { Progress } from './progress.ts';

const VERBS = {
  hashing: 'Hashing',
  'looking-up': 'Looking up',
  allocating: 'Taking space for',
  checking: 'Checking',
  downloading: 'Downloading',
  verifying: 'Verifying',
} as const satisfies Record<Progress['phase'], string>;

/** `Downloading aow.txt` */
export function describePhase({ phase, name }: Progress): string {
  return name === undefined ? VERBS[phase] : `${VERBS[phase]} ${printable(name)}`;
}

/** `Downloading aow.txt: 34%  1.2 MiB of 3.5 MiB`; while it is looked up, nothing is known of how much there is. */
export function describeProgress(progress: Progress): string {
  const phase = describePhase(progress);
  return progress.phase === 'looking-up' ? phase : `${phase}: ${describeAmount(progress).trimStart()}`;
}

/** `34%  1.2 MiB of 3.5 MiB, 2.0 MiB/s, 2s left, 3 peers` */
export function describeAmount({ phase, done, total, downloadRate = 0, peers = 0 }: Progress): string {
  const parts = [`${formatSize(done)} of ${formatSize(total)}`];
  if (phase === 'downloading') {
    parts.push(formatRate(downloadRate));
    if (downloadRate > 0 && done < total) parts.push(`${formatSeconds((total - done) / downloadRate)} left`);
    parts.push(formatCount(peers, 'peer'));
  }
  return `${String(percentOf(done, total)).padStart(3)}%  ${parts.join(', ')}`;
}

/** Rounded down, so that 100 means all. */
function percentOf(done: number, total: number): number {
  return total === 0 ? 100 : Math.floor((100 * done) / total);
}

import type { TrackerState } from '../tracker-client/index.ts';

/** The number of failures in a row that each tracker must have before a download gives up. */
const LEAST_TRIES = 3;

/** The state of a download on which it depends whether there is anything to hope for. */
export interface Outlook {
  readonly trackers: readonly TrackerState[];
  /** Peers that could be dialed, now or later. */
  readonly known: number;
  /** The time at which a peer was connected last, or the download began, in milliseconds on the announcer's clock. */
  readonly reachedAt: number;
}

/**
 * Decides whether a download without a peer has nothing to wait for. That is so at once when no peer is known and no
 * tracker can ever work, and otherwise when for `patienceMs` no peer was reached and every tracker failed, each of them
 * three times at least.
 */
export function isWithoutHope(
  { trackers, known, reachedAt }: Outlook,
  now: number,
  patienceMs: number,
): boolean {
  if (known === 0 && trackers.every(({ isHopeless }) => isHopeless)) return true;
  const isPast = (since: number) => now - since >= patienceMs;
  const hasFailedLongEnough = ({ isHopeless, failures, failingSince }: TrackerState) =>
    isHopeless || (failures >= LEAST_TRIES && isPast(failingSince));
  return isPast(reachedAt) && trackers.every(hasFailedLongEnough);
}

import type { TrackerState } from '../tracker-client/index.ts';

/** The number of failures in a row that each tracker must have before a download gives up. */
const LEAST_TRIES = 3;

/** The state of a download from which {@link isWithoutHope} decides. */
export interface Outlook {
  readonly trackers: readonly TrackerState[];
  /** The number of peers that could be dialed, now or later. */
  readonly known: number;
  /** The last time at which a peer was connected, or the start of the download, in milliseconds on the announcer's clock. */
  readonly reachedAt: number;
}

/**
 * Decides whether a download without a peer should give up. It should at once if no peer is known and no tracker can ever
 * work. Otherwise it should when for `patienceMs` no peer was reached and every tracker has failed, at least three times each.
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

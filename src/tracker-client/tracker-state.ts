import type { TierTracker } from './tiers.ts';
import { TrackerCallError } from './tracker-call-error.ts';

/** The state of one tracker of a torrent. */
export interface TrackerState {
  readonly url: string;
  /**
   * - `unasked`: it was not asked yet
   * - `asked`: it was asked for the first time, and has not answered yet
   * - `answered`: it has answered the last announce that is over
   * - `failed`: the last announce that is over has failed
   */
  readonly state: 'unasked' | 'asked' | 'answered' | 'failed';
  /** The number of announces in a row that failed. */
  readonly failures: number;
  /** The time at which the first of these was sent, in milliseconds on the announcer's clock; only with `failures`. */
  readonly failingSince: number;
  /** The error of the last failed announce; `undefined` without failures. */
  readonly error: Error | undefined;
  /** Whether it has failed in a way that another try will very likely not change. */
  readonly isHopeless: boolean;
}

/**
 * Sums up the states of a torrent's trackers.
 *
 * @param swarms the trackers as each of the torrent's info-hashes sees them; a tracker that has answered for one of them
 * counts as `answered`
 */
export function trackerStates(swarms: readonly (readonly TierTracker[])[]): TrackerState[] {
  const byUrl = new Map<string, TrackerState>();
  for (const state of swarms.flat().map(stateOf)) {
    const other = byUrl.get(state.url);
    if (other === undefined || isBetter(state, other)) byUrl.set(state.url, state);
  }
  return [...byUrl.values()];
}

function stateOf({ url, failures, failingSince, error, hasAnswered, askedAt }: TierTracker): TrackerState {
  const isAsked = askedAt === undefined ? 'unasked' : 'asked';
  const state = failures > 0 ? 'failed' : hasAnswered ? 'answered' : isAsked;
  const isHopeless = error instanceof TrackerCallError && error.isHopeless;
  return { url, state, failures, failingSince, error, isHopeless };
}

const FROM_WORST: readonly TrackerState['state'][] = ['failed', 'unasked', 'asked', 'answered'];

function isBetter(one: TrackerState, other: TrackerState): boolean {
  const byState = FROM_WORST.indexOf(one.state) - FROM_WORST.indexOf(other.state);
  if (byState !== 0) return byState > 0;
  if (one.isHopeless !== other.isHopeless) return other.isHopeless;
  return one.failures < other.failures;
}

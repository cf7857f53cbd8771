import { PEER_END_WORDS, type PeerEnd, type PeerSummary } from '../swarm/index.ts';
import { printableUrl, type TrackerState } from '../tracker-client/index.ts';
import { formatCount } from '../util/index.ts';

/** The state of a tracker that was asked for peers. */
export interface TrackerSummary {
  /** The URL without a password, query or key. */
  readonly url: string;
  readonly state: TrackerState['state'];
  /** The number of announces in a row that failed. */
  readonly failures: number;
  /** The error of the last failed announce; `undefined` without failures. */
  readonly error?: string;
}

/** The peers and trackers that a download could ask, and the result for each: the reason why nobody answers. */
export interface Situation {
  readonly peers: PeerSummary;
  readonly trackers: readonly TrackerSummary[];
}

/** Sums up a download's peers and trackers. */
export function situationOf(peers: PeerSummary, trackers: readonly TrackerState[]): Situation {
  return {
    peers,
    trackers: trackers.map(({ url, state, failures, error }) => ({
      url: printableUrl(url),
      state,
      failures,
      ...(error !== undefined && { error: error.message }),
    })),
  };
}

/**
 * Describes in one sentence the peers and trackers of a download, with the result for each.
 *
 * @example
 * `12 peers known: 9 timed out, 3 refused; trackers: http://a/announce answered, udp://b:80 failed 3 times (…)`
 */
export function describeSituation({ peers, trackers }: Situation): string {
  return `${describePeers(peers)}; ${describeTrackers(trackers)}`;
}

function describePeers({ known, connected, dialing, ended }: PeerSummary): string {
  const counts: readonly (readonly [number, string])[] = [
    [connected, 'connected'],
    [dialing, 'being connected'],
    ...Object.entries(ended).map(([end, count]) => [count, PEER_END_WORDS[end as PeerEnd]] as const),
  ];
  const parts = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const heard = `${formatCount(known, 'peer')} known`;
  return parts.length === 0 ? heard : `${heard}: ${parts.join(', ')}`;
}

/** The most trackers that one sentence names. */
const TRACKERS_TOLD = 5;

function describeTrackers(trackers: readonly TrackerSummary[]): string {
  if (trackers.length === 0) return 'no tracker to ask';
  const told = trackers.slice(0, TRACKERS_TOLD).map(describeTracker);
  const more = trackers.length - told.length;
  if (more > 0) told.push(`and ${more} more`);
  return `trackers: ${told.join(', ')}`;
}

function describeTracker({ url, state, failures, error }: TrackerSummary): string {
  if (state === 'answered') return `${url} answered`;
  if (state !== 'failed') return `${url} ${state === 'asked' ? 'has not answered yet' : 'was not asked'}`;
  return `${url} failed ${failures === 1 ? 'once' : `${failures} times`} (${withoutItself(url, error ?? '')})`;
}

/** Removes the start of a tracker's error, such as `GET http://t.example/announce: `, since the URL stands before it. */
function withoutItself(url: string, error: string): string {
  const mark = `${url}: `;
  const at = error.indexOf(mark);
  return at === -1 ? error : error.slice(at + mark.length);
}

import { printableUrl, type TrackerState } from '../tracker-client/index.ts';

/** Says in one sentence who could be asked for a file, and how that went: why nobody answers. */
export function describeSituation(
  { peers, known }: { readonly peers: number; readonly known: number },
  trackers: readonly TrackerState[],
): string {
  const ofPeers = `${known} ${known === 1 ? 'peer' : 'peers'} known, ${peers} connected`;
  if (trackers.length === 0) return `${ofPeers}; no tracker to ask`;
  return `${ofPeers}; ${trackers.map(describeTracker).join('; ')}`;
}

function describeTracker({ url, state, failures, error }: TrackerState): string {
  const name = printableUrl(url);
  if (state === 'answered') return `${name} answered`;
  if (state !== 'failed') return `${name} ${state === 'asked' ? 'has not answered yet' : 'was not asked'}`;
  const times = failures === 1 ? 'once' : `${failures} times`;
  return `${name} failed ${times}${error === undefined ? '' : ` (${error.message})`}`;
}

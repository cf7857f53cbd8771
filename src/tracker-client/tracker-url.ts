import { isLikeAccessToken } from '../tracker-protocol/index.ts';

/** A tracker's address, taken apart. */
export interface TrackerUrl {
  /** Without what may follow it: `http://host:9910`. */
  readonly base: string;
  /** The access token behind it, which a private tracker wants. One that is not whole counts: the tracker refuses it. */
  readonly token: string | undefined;
}

/** @param trackerUrl `http://host:9910`, with or without `/TOKEN`, with or without `/announce` behind that */
export function parseTrackerUrl(trackerUrl: string): TrackerUrl {
  const base = withoutSlashes(withoutEnd(withoutSlashes(trackerUrl), '/announce'));
  const at = base.lastIndexOf('/');
  const last = base.slice(at + 1);
  if (!isLikeAccessToken(last)) return { base, token: undefined };
  return { base: base.slice(0, at), token: last };
}

function withoutEnd(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, -end.length) : text;
}

/** Takes the slashes from the end. A regular expression would look at each run of slashes from each of its slashes on. */
function withoutSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}

/** Says where the tracker at this address takes announces. */
export function announceUrlOf(trackerUrl: string): string {
  const { base, token } = parseTrackerUrl(trackerUrl);
  return `${base}${token === undefined ? '' : `/${token}`}/announce`;
}

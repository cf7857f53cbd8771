import { isLikeAccessToken } from '../tracker-protocol/index.ts';

/** The parts of a tracker's address. */
export interface TrackerUrl {
  /** The address without a token or `/announce` behind it: `http://host:9910`. */
  readonly base: string;
  /** The access token behind it, for a private tracker. A token that is cut off counts; the tracker will refuse it. */
  readonly token: string | undefined;
}

/** Parses a tracker's address. @param trackerUrl `http://host:9910`, with or without `/TOKEN` and `/announce` behind it */
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

/** Removes slashes from the end. A regular expression would take quadratic time for long runs of slashes. */
function withoutSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}

/** Makes the announce URL of the tracker at an address. */
export function announceUrlOf(trackerUrl: string): string {
  const { base, token } = parseTrackerUrl(trackerUrl);
  return `${base}${token === undefined ? '' : `/${token}`}/announce`;
}

import { printableUrl } from './printable-url.ts';
import { quotable } from './quotable.ts';

/** The number of trackers that one message names. */
const OTHERS_TOLD = 3;

/**
 * Describes a torrent without a tracker to announce to, as a clause to follow `the torrent`.
 *
 * @param others the `otherTrackers` of its metainfo
 * @returns `names no tracker`, or `names only trackers that Shoal cannot ask (ftp://t.example; it speaks http:, https: and udp:)`
 */
export function describeNoTracker(others: readonly string[]): string {
  if (others.length === 0) return 'names no tracker';
  const told = others.slice(0, OTHERS_TOLD).map((url) => quotable(printableUrl(url)));
  const more = others.length > told.length ? ` and ${others.length - told.length} more` : '';
  return `names only trackers that Shoal cannot ask (${told.join(', ')}${more}; it speaks http:, https: and udp:)`;
}

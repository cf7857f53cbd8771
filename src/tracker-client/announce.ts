import type { AnnounceRequest, ScrapeRequest, ScrapeResponse } from '../tracker-protocol/index.ts';
import { lazily } from '../util/index.ts';
import { announceOverHttp, scrapeOverHttp } from './announce-http.ts';
import type { AnnounceTransport, ReceivedAnnounceResponse } from './announcer-options.ts';
import type { CallOptions } from './http-request.ts';
import type { TrackerPorts } from './tracker-ports.ts';
import type { TrackerTrust } from './tracker-reach.ts';

/**
 * Announces once to a tracker, over the protocol of its URL: `http:`, `https:` or `udp:`.
 *
 * @param announceUrl the URL as a torrent has it
 * @throws {TrackerCallError} with any of its codes; `FAILURE` when the tracker itself refuses
 * @see BEP 3, BEP 15
 */
export async function announce(
  announceUrl: string,
  request: AnnounceRequest,
  options: CallOptions = {},
): Promise<ReceivedAnnounceResponse> {
  if (!isUdp(announceUrl)) return announceOverHttp(announceUrl, request, options);
  const { announceOverUdp } = await loadUdp();
  return announceOverUdp(announceUrl, request, options);
}

/** The source of each of a torrent's trackers, which decides how far they are trusted. */
export interface TrackersNamed {
  /** The announce URLs that the user has named. All others may come from a stranger. */
  readonly byUser: readonly string[];
  /** Whether the user trusts the trackers of the `.torrent` wherever they lead, by default `false`. */
  readonly trustTrackers?: boolean | undefined;
  /** Absent: the time and the network of this machine. */
  readonly ports?: TrackerPorts | undefined;
}

/** Makes the transport of an announcer that calls each tracker only where it may be, see {@link TrackerTrust}. */
export function announceByTrust({ byUser, trustTrackers = false, ports }: TrackersNamed): AnnounceTransport {
  const trustOf = (url: string): TrackerTrust => {
    if (trustTrackers) return 'trusted';
    return byUser.includes(url) ? 'user' : 'torrent';
  };
  return (url, request, { signal }) => announce(url, request, { signal, trust: trustOf(url), ports });
}

/**
 * Asks a tracker for the counts of swarms.
 *
 * @param announceUrl the announce URL of the tracker, from which the scrape URL over HTTP follows by convention
 * @throws {TrackerCallError} as {@link announce}; `UNSUPPORTED` when the convention gives no scrape URL
 * @see BEP 15, BEP 48
 */
export async function scrape(
  announceUrl: string,
  request: ScrapeRequest,
  options: CallOptions = {},
): Promise<ScrapeResponse> {
  if (!isUdp(announceUrl)) return scrapeOverHttp(announceUrl, request, options);
  const { scrapeOverUdp } = await loadUdp();
  return scrapeOverUdp(announceUrl, request, options);
}

/** Loads what speaks UDP, which most torrents need not. */
export const loadUdp = lazily(() => import('./announce-udp.ts'));

function isUdp(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'udp:';
}

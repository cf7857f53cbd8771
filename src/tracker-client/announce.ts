import type { AnnounceRequest, ScrapeRequest, ScrapeResponse } from '../tracker-protocol/index.ts';
import { announceOverHttp, scrapeOverHttp } from './announce-http.ts';
import type { AnnounceTransport, ReceivedAnnounceResponse } from './announcer-options.ts';
import type { CallOptions } from './http-request.ts';
import type { TrackerPorts } from './tracker-ports.ts';
import type { TrackerTrust } from './tracker-reach.ts';

/**
 * Announces once to a tracker, over what its URL says: `http:`, `https:` or `udp:`.
 *
 * @param announceUrl as it stands in a torrent
 * @throws {TrackerCallError} any of its codes; `FAILURE` when the tracker itself says no
 * @see BEP 3, BEP 15
 */
export async function announce(
  announceUrl: string,
  request: AnnounceRequest,
  options: CallOptions = {},
): Promise<ReceivedAnnounceResponse> {
  if (!isUdp(announceUrl)) return announceOverHttp(announceUrl, request, options);
  const { announceOverUdp } = await import('./announce-udp.ts');
  return announceOverUdp(announceUrl, request, options);
}

/** The trackers of a torrent, by the source that named them. */
export interface TrackersNamed {
  /** The announce URLs that the user named; every other one is a stranger's word. */
  readonly byUser: readonly string[];
  /** Whether the user trusts those of the `.torrent` wherever they lead; absent: no. */
  readonly trustTrackers?: boolean | undefined;
  /** Absent: the time and the network of this machine. */
  readonly ports?: TrackerPorts | undefined;
}

/** Makes the transport of an announcer that asks each tracker where it may be, see {@link TrackerTrust}. */
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
 * @param announceUrl of the tracker: where it is scraped over HTTP follows from it by convention
 * @throws {TrackerCallError} as {@link announce}; `UNSUPPORTED` when the convention gives no address
 * @see BEP 15, BEP 48
 */
export async function scrape(
  announceUrl: string,
  request: ScrapeRequest,
  options: CallOptions = {},
): Promise<ScrapeResponse> {
  if (!isUdp(announceUrl)) return scrapeOverHttp(announceUrl, request, options);
  const { scrapeOverUdp } = await import('./announce-udp.ts');
  return scrapeOverUdp(announceUrl, request, options);
}

function isUdp(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'udp:';
}

import {
  type DialRule,
  type GuardedLookup,
  guardedLookup,
  ipOfHost,
  mayDial,
  type NamedBy,
} from '../net/index.ts';
import { printableUrl } from './printable-url.ts';
import { TrackerCallError } from './tracker-call-error.ts';

/**
 * The source of a tracker's address, which decides where the tracker may be:
 *
 * - `user`: the user; the address itself is not checked, but addresses that it redirects to are
 * - `torrent`: a `.torrent`, which may come from a stranger
 * - `trusted`: a `.torrent` whose trackers the user trusts, wherever they lead
 */
export type TrackerTrust = 'user' | 'torrent' | 'trusted';

/** Matches the paths of trackers, with or without a passkey or access token in front. */
const TRACKER_PATH = /^(?:\/[\w-]{16,64})?\/(?:announce|scrape)$/;

/** The rule that decides by {@link mayDial} which addresses a tracker may have, for one request and its redirects. */
export class TrackerReach {
  readonly #trust: TrackerTrust;
  readonly #ownQuery: string;
  #namedBy: NamedBy;

  /** @param ownQuery the query that this program itself has put behind the `?` of the URL */
  constructor(trust: TrackerTrust = 'user', ownQuery = '') {
    this.#trust = trust;
    this.#ownQuery = ownQuery;
    this.#namedBy = trust === 'torrent' ? 'file' : 'user';
  }

  /** Notes that the next URL comes from a redirect. @param server the IP address of the server that sent it */
  redirected(server: string | undefined): void {
    if (this.#trust !== 'trusted') this.#namedBy = { server };
  }

  /**
   * Checks the host of a URL if it is an IP address.
   *
   * @returns the option `lookup` for `node:http`, which checks the addresses of a name
   * @throws {TrackerCallError} `NOT_ALLOWED`
   */
  guard(url: URL, what: string): { readonly lookup?: GuardedLookup } {
    const rule = this.#ruleFor(url);
    if (rule.namedBy === 'user') return {};
    const ip = ipOfHost(url.hostname);
    if (ip === undefined) return { lookup: guardedLookup(rule, (found) => notAllowed(what, url, found)) };
    if (!mayDial(ip, rule)) throw notAllowed(what, url, ip);
    return {};
  }

  /** Keeps the addresses of a tracker that may be asked. @throws {TrackerCallError} `NOT_ALLOWED` when none may */
  allowed<T extends { readonly host: string }>(addresses: readonly T[], url: URL, what: string): T[] {
    const rule = this.#ruleFor(url);
    const kept = addresses.filter(({ host }) => mayDial(host, rule));
    if (kept.length === 0 && addresses.length > 0) throw notAllowed(what, url, addresses[0]!.host);
    return kept;
  }

  #ruleFor(url: URL): DialRule {
    return { namedBy: this.#namedBy, isHarmless: isPlain(url, this.#ownQuery) };
  }
}

/** Tells whether a URL has no part by which a stranger could make another service do something. */
function isPlain({ protocol, username, password, pathname, search }: URL, ownQuery: string): boolean {
  const isPlainPath = TRACKER_PATH.test(pathname) || (protocol === 'udp:' && /^\/?$/.test(pathname));
  const isPlainQuery = search === '' || (ownQuery !== '' && search === `?${ownQuery}`);
  return isPlainPath && isPlainQuery && username === '' && password === '';
}

function notAllowed(what: string, url: URL, ip: string): TrackerCallError {
  const place = ipOfHost(url.hostname) === ip ? 'no public address' : `${ip}, no public address`;
  const message = `${what}: not asked, because ${printableUrl(url.href)} is at ${place}, which only the user may choose`;
  return new TrackerCallError('NOT_ALLOWED', message, { isHopeless: true, advice: TRUST_TRACKERS });
}

const TRUST_TRACKERS =
  "If you trust the torrent's maker, add --trust-trackers. Without it, a tracker in a private network is asked only at /announce.";

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
 * Who named a tracker, which decides where it may be:
 *
 * - `user` the user, so that its address is not checked; those that it redirects to are
 * - `torrent` a `.torrent`, which may come from a stranger
 * - `trusted` a `.torrent` whose trackers the user trusts, wherever they lead
 */
export type TrackerTrust = 'user' | 'torrent' | 'trusted';

/** The paths that trackers are asked at, with or without a passkey or access token before. */
const TRACKER_PATH = /^(?:\/[\w-]{16,64})?\/(?:announce|scrape)$/;

/** Decides, for one request and its redirects, which addresses a tracker may have: by {@link mayDial}. */
export class TrackerReach {
  readonly #trust: TrackerTrust;
  readonly #ownQuery: string;
  #namedBy: NamedBy;

  /** @param ownQuery what this program itself has put behind the `?` of the URL */
  constructor(trust: TrackerTrust = 'user', ownQuery = '') {
    this.#trust = trust;
    this.#ownQuery = ownQuery;
    this.#namedBy = trust === 'torrent' ? 'file' : 'user';
  }

  /** Notes that what comes next is a redirect's word. @param server IP address of the server that sent it */
  redirected(server: string | undefined): void {
    if (this.#trust !== 'trusted') this.#namedBy = { server };
  }

  /**
   * Checks the host of a URL if it is an IP address.
   *
   * @returns what `node:http` has to look up a name with
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

  /** Keeps those of the addresses of a tracker that may be asked. @throws {TrackerCallError} `NOT_ALLOWED` when none may */
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

/** Tells whether a URL has nothing that a stranger could have chosen to make some other service do something. */
function isPlain({ protocol, username, password, pathname, search }: URL, ownQuery: string): boolean {
  const isPlainPath = TRACKER_PATH.test(pathname) || (protocol === 'udp:' && /^\/?$/.test(pathname));
  const isPlainQuery = search === '' || (ownQuery !== '' && search === `?${ownQuery}`);
  return isPlainPath && isPlainQuery && username === '' && password === '';
}

function notAllowed(what: string, url: URL, ip: string): TrackerCallError {
  const place = ipOfHost(url.hostname) === ip ? 'no public address' : `${ip}, no public address`;
  const message = `${what}: not asked, as ${printableUrl(url.href)} is at ${place}, and nobody but a user may choose to ask it`;
  return new TrackerCallError('NOT_ALLOWED', message, { isHopeless: true, advice: TRUST_TRACKERS });
}

const TRUST_TRACKERS =
  "If you trust the torrent's maker, add --trust-trackers. Without it, a tracker in a private network is asked only at /announce.";

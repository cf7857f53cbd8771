import type { Clock, Random, ReportError } from '../util/index.ts';
import { TrackerStartError } from './errors/index.ts';
import type { TlsOptions } from './frontends/index.ts';
import type { AccessOptions } from './guard/access/index.ts';
import type { TrackerRules } from './tracker-rules.ts';

/** What a tracker is started with. */
export interface TrackerOptions extends TrackerRules {
  /** IP address to listen on; absent: all addresses of this machine. */
  readonly bind?: string | undefined;
  /** The older name of `bind`, which counts where both are given. */
  readonly host?: string | undefined;
  /** Port of announces and scrapes, over TCP and UDP, and of the web API, too. 0, the default: any that is free. */
  readonly port?: number | undefined;
  /** Another port of the web API. 0: any that is free; absent: none. */
  readonly webPort?: number | undefined;
  /**
   * Folder in which the tracker's state outlives a restart, made when it is not there, and this tracker's alone. Who has
   * registered what is written at once, with the package `lmdb`; who is in which swarm every few minutes and when the
   * tracker closes. A tracker that cannot take up the first does not start; the second it does without. What cannot be
   * written is reported, and tried again. Absent: nothing is kept.
   */
  readonly stateDir?: string | undefined;
  /**
   * Proxies that may say for whom they ask, by the PROXY protocol (version 1 or 2) or by `X-Forwarded-For`: addresses and
   * ranges such as `10.0.0.0/8`. List only those that always say one of the two. What others say is not read.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * Names by which the web API is reached, as `tracker.example`, beside addresses, the name of this machine, names without
   * a dot, and those that end with `.localhost`, `.local`, `.internal` or `.home.arpa`. Browsers in the tracker's network,
   * and everyone on its machine, are refused by any other name: a web page could have its own name resolve to the tracker.
   */
  readonly publicHosts?: readonly string[] | undefined;
  /**
   * Origins of web pages that may use the web API, as `https://dashboard.example`; `*`: those of all others may look up.
   * Absent: none but pages of the tracker's own origin.
   */
  readonly webOrigins?: readonly string[] | undefined;
  /** Whether a scrape may be of all swarms at once; unless given it has to say of which. */
  readonly fullScrape?: boolean | undefined;
  /**
   * Whether connections are sockets of Node's from their start, which costs twice as much. Unless given, announces and
   * scrapes over HTTP are answered on what is under sockets, on the versions of Node where that is as it is known.
   */
  readonly plainSockets?: boolean | undefined;
  /** Absent: TLS is not spoken. */
  readonly tls?: TlsOptions | undefined;
  /**
   * Seconds for which a tracker that is to close goes on while it says so at `/healthz`, so that a load balancer sends
   * nobody any more; 0 unless given.
   */
  readonly drainDelay?: number | undefined;
  /** Whether the web API has `/metrics`, for Prometheus; it does unless told otherwise. */
  readonly metrics?: boolean | undefined;
  /**
   * File with one info-hash a line, of 40 or 64 hex digits: those are served and no others. Read again whenever it
   * changes; absent: all are served.
   */
  readonly allowList?: string | undefined;
  /** File likewise: those are not served, whatever the other list says. */
  readonly denyList?: string | undefined;
  /** File of access tokens, as `shoal token` and {@link createToken} write it; it need not be there yet. */
  readonly tokens?: string | undefined;
  /**
   * Whether a token is needed to announce and to scrape, as the passkey in `/PASSKEY/announce`, and to look up, as
   * `Authorization: Bearer`. Needs `tokens`.
   */
  readonly isPrivate?: boolean | undefined;
  /**
   * Whether seeders register without a token. Unless given: where there are no `tokens`, those on this machine do, and no
   * others.
   */
  readonly openRegistration?: boolean | undefined;
  /**
   * Whether the tracker connects to seeders that register, to find out whether others can reach them; it does unless told
   * otherwise. `false` is for a tracker that cannot connect to its seeders though their peers can: a seeder that names
   * another private address than its own is then believed.
   */
  readonly checkSeeders?: boolean | undefined;
  /** Keeps swarms and registered seeders on Redis or Valkey, which any number of trackers share; not with `stateDir`. */
  readonly redis?: RedisOptions | undefined;
  /** Is told what is good to know and no error, such as that Redis is there again; nobody is, unless given. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Where errors of work go that nobody waits for, and those that `onNotice` throws; the standard error stream unless given. */
  readonly onError?: ReportError;
  /** Time; the machine's unless given. */
  readonly clock?: Clock;
  /** The date, in milliseconds since 1970, by which tokens expire and what is kept is dated; the machine's unless given. */
  readonly wallTime?: () => number;
  /** Which peers are picked, and how announces are spread; the machine's unless given. */
  readonly random?: Random;
}

/** Where Redis or Valkey is. It may be away when the tracker starts: peers are told to come again until it is there. */
export interface RedisOptions {
  /**
   * `redis://user:password@host:6379/0`, `rediss://` for TLS, or `unix:/run/redis/redis.sock`; of a cluster some of its
   * nodes, with commas between.
   */
  readonly url: string;
  /** Whether it is a cluster; unless given, it is one when `url` names several nodes. */
  readonly cluster?: boolean | undefined;
  /** What all keys begin with: `shoal:` unless given. Trackers that share swarms have the same. */
  readonly prefix?: string | undefined;
}

/** @throws {TrackerStartError} BAD_OPTION */
export function checkPort(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return;
  throw new TrackerStartError('BAD_OPTION', `${name} must be 0 to 65535, found ${value}`);
}

/** Who may do what. @throws {TrackerStartError} BAD_OPTION */
export function accessOf(options: TrackerOptions): Omit<AccessOptions, 'wallTime' | 'report'> {
  const { allowList, denyList, tokens, isPrivate = false, openRegistration = false } = options;
  if (isPrivate && tokens === undefined) {
    throw new TrackerStartError(
      'BAD_OPTION',
      'A private tracker needs tokens, a file of them; none is given',
    );
  }
  return { allowList, denyList, tokens, isPrivate, isRegistrationOpen: openRegistration };
}

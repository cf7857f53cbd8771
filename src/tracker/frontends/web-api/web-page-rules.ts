import { hostname } from 'node:os';
import { canonicalIp } from '../../../util/index.ts';
import { TrackerStartError } from '../../errors/index.ts';

/** The names by which a tracker is reached, and the web pages that may call it. */
export interface WebPageOptions {
  /** Names of hosts, without ports. */
  readonly publicHosts?: readonly string[] | undefined;
  /** Origins such as `https://dashboard.example`; `*` allows look-ups, and no changes, to pages of all origins. */
  readonly webOrigins?: readonly string[] | undefined;
}

const HOST_NAME = /^[\w-]+(?:\.[\w-]+)*$/;

/**
 * The last labels of names that are never public, so that no page of the internet comes from one: RFC 6761, RFC 6762, RFC
 * 8375, and `internal`, which ICANN reserves for private networks. Names in Kubernetes end with `cluster.local`.
 */
const PRIVATE_ENDS = ['localhost', 'local', 'internal', 'home.arpa'];

/** Knows the names of this tracker, and the origins of pages that may use it. */
export class WebPageRules {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  /** @throws {TrackerStartError} BAD_OPTION */
  constructor({ publicHosts = [], webOrigins = [] }: WebPageOptions) {
    this.#hosts = new Set([nameOf(hostname()), ...publicHosts.map(readHost)]);
    this.#origins = new Set(webOrigins.map(readOrigin));
  }

  /**
   * Tells whether a `Host` header can only be this tracker's: an address, a name of this machine or of a private network,
   * or a name that the operator has given. A page whose server has a public name can have that name resolve to this
   * machine, and is then of the same origin as the tracker ("DNS rebinding"); but the name stays the page's.
   */
  isOwnHost(host: string): boolean {
    const name = nameOf(host);
    if (canonicalIp(name) !== undefined || this.#hosts.has(name)) return true;
    if (!HOST_NAME.test(name)) return false;
    return !name.includes('.') || PRIVATE_ENDS.some((end) => name.endsWith(`.${end}`));
  }

  /** Tells whether the operator has allowed the origin of a page. */
  takesOrigin(origin: string): boolean {
    return origin !== '*' && this.#origins.has(origin.toLowerCase());
  }

  /** Tells whether pages of all origins may look up. */
  get takesAllLookUps(): boolean {
    return this.#origins.has('*');
  }
}

/** Reads the name in a `Host` header, without the port, the brackets of IPv6, and a dot at its end. */
function nameOf(host: string): string {
  const [, bracketed, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.trim()) ?? [];
  return (bracketed ?? name ?? host).replace(/\.$/, '').toLowerCase();
}

function readHost(text: string): string {
  if (HOST_NAME.test(text) || canonicalIp(text) !== undefined) return text.toLowerCase();
  throw bad('publicHosts', text, 'expected a name such as tracker.example, without a port');
}

function readOrigin(text: string): string {
  if (text === '*') return text;
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  if (origin === text.toLowerCase()) return origin;
  throw bad('webOrigins', text, 'expected an origin such as https://dashboard.example:8443, or *');
}

function bad(option: string, found: string, expected: string): TrackerStartError {
  return new TrackerStartError('BAD_OPTION', `Cannot use ${JSON.stringify(found)} in ${option}: ${expected}`);
}

import { hostname } from 'node:os';
import { canonicalIp } from '../../../util/index.ts';
import { TrackerStartError } from '../../errors/index.ts';

/** By which names a tracker is reached, and of which web pages it takes calls. */
export interface WebPageOptions {
  /** Names of hosts, without a port. */
  readonly publicHosts?: readonly string[] | undefined;
  /** Origins such as `https://dashboard.example`; `*` lets the pages of all origins look up, and change nothing. */
  readonly webOrigins?: readonly string[] | undefined;
}

const HOST_NAME = /^[\w-]+(?:\.[\w-]+)*$/;

/**
 * Ends of names that no public name has, so that no page of the internet comes from one: RFC 6761, RFC 6762, RFC 8375,
 * and `internal`, which ICANN keeps for private networks. Names in Kubernetes end with `cluster.local`.
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

  /** Whether the operator has named the origin of a page. */
  takesOrigin(origin: string): boolean {
    return origin !== '*' && this.#origins.has(origin.toLowerCase());
  }

  /** Whether pages of all origins may look up. */
  get takesAllLookUps(): boolean {
    return this.#origins.has('*');
  }
}

/** The name in a `Host` header: without its port, the brackets of IPv6, and the dot that may end it. */
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

import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { canonicalIp, ipReach } from '../util/index.ts';

/**
 * The source of an address to connect to:
 *
 * - `user`: the user, by a flag, a setting or an option; every address is allowed
 * - `file`: a file that came from somebody else, such as a `.torrent`
 * - an object: a server, by a redirect or a response, with its IP address if that is known
 */
export type NamedBy = 'user' | 'file' | { readonly server: string | undefined };

/** The rule that decides whether an address may be dialled. */
export interface DialRule {
  readonly namedBy: NamedBy;
  /**
   * Whether somebody else chose nothing but the address. An announce to `/announce` is harmless; a request with a path or a
   * query of a stranger's choice is not.
   */
  readonly isHarmless: boolean;
}

/**
 * Decides whether an address that somebody else has named may be dialled. It is the one rule for all code that dials out.
 * Without it a stranger could make this machine ask services that only it can reach (server-side request forgery).
 *
 * A public address is always allowed. A private one, such as that of a tracker in the local network, is allowed if what
 * is sent is harmless and it was named by a file or by a server that has a private address itself. Any other address,
 * such as a link-local one, is never allowed.
 *
 * The address that is checked must be the one that is connected to: see {@link guardedLookup}.
 */
export function mayDial(ip: string, { namedBy, isHarmless }: DialRule): boolean {
  if (namedBy === 'user') return true;
  const reach = ipReach(ip);
  if (reach !== 'private') return reach === 'public';
  const isInside =
    namedBy === 'file' || (namedBy.server !== undefined && ipReach(namedBy.server) === 'private');
  return isInside && isHarmless;
}

/** A look-up of a name for a socket, which connects to one of the addresses that it gives. */
export type GuardedLookup = LookupFunction;

/**
 * Makes a look-up for `node:net` and `node:http` that gives only the allowed addresses of a name, so that the socket
 * connects to an address that was checked. Node does not call it for a host that is an IP address: see {@link ipOfHost}.
 *
 * @param refuse makes the error for a name of which no address is allowed
 */
export function guardedLookup(rule: DialRule, refuse: (ip: string) => Error): GuardedLookup {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const allowed = error === null ? found.filter(({ address }) => mayDial(address, rule)) : [];
      const [first] = allowed;
      if (error !== null) callback(error, []);
      else if (first === undefined) callback(refuse(found[0]?.address ?? hostname), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/** Reads the IP address in the host of a URL; `undefined` for a name. @param hostname the property of `URL` */
export function ipOfHost(hostname: string): string | undefined {
  return canonicalIp(hostname.replace(/^\[(.*)\]$/, '$1'));
}

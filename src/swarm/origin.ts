import { clientKey, networkKey, parseIp, prefixKey } from '../util/index.ts';

/** The length of the IPv6 prefix that names one subnet, in bits. */
const IPV6_SUBNET_BITS = 64;

/** A key for a `Map` that names an address or a prefix of addresses. */
export type OriginKey = number | string;

/**
 * The places that a connection comes from, near and far. What peers may take of us is counted by them and never by peer id
 * or port, because another peer id, another port or another address of the same subnet costs nothing.
 *
 * Each member needs a `Map` of its own: keys of IPv4 prefixes of different lengths may be equal.
 */
export interface Origin {
  /** The key of the IPv4 address, which may stand for all machines behind a router, or of the IPv6 /64. */
  readonly site: OriginKey;
  /** The key of the IPv4 /24 or the IPv6 /48 around the address. */
  readonly network: OriginKey;
  /** The key that budgets are counted by: that of the IPv4 address, or of the IPv6 /48 that one customer gets. */
  readonly budgetKey: OriginKey;
}

/** Finds the origin of a host. @param host an IP address; any other text is an origin of its own */
export function originOf(host: string): Origin {
  const ip = parseIp(host);
  if (ip === undefined) return { site: host, network: host, budgetKey: host };
  const site = prefixKey(ip, ip.length === 4 ? 32 : IPV6_SUBNET_BITS);
  return { site, network: networkKey(ip), budgetKey: clientKey(ip) };
}

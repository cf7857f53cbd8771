import { formatIp, parseIp } from '../util/index.ts';

/** Bytes of an IPv6 address that name the network of one customer, a /48, and a subnet of it, a /64. */
const IPV6_CUSTOMER_BYTES = 6;
const IPV6_SUBNET_BYTES = 8;
/** Bytes of an IPv4 address that name a network of up to 254 machines, a /24. */
const IPV4_NETWORK_BYTES = 3;

/**
 * Names where a connection comes from, at two distances. What one stranger may take of us is counted by these: a peer id,
 * a port or a further address of the same subnet costs nobody anything.
 */
export interface Origin {
  /** An IPv4 address, which may stand for all machines behind a router, or an IPv6 /64. */
  readonly site: string;
  /** The IPv4 /24 or the IPv6 /48 around it. */
  readonly network: string;
  /** What budgets are counted by: one IPv4 address, or the IPv6 /48 that one customer gets. */
  readonly stranger: string;
}

/** Finds the origin of a host. @param host an IP address; any other text is an origin of its own */
export function originOf(host: string): Origin {
  const bytes = parseIp(host);
  if (bytes === undefined) return { site: host, network: host, stranger: host };
  if (bytes.length === 4) {
    return { site: host, network: `${formatIp(prefixOf(bytes, IPV4_NETWORK_BYTES))}/24`, stranger: host };
  }
  const customer = `${formatIp(prefixOf(bytes, IPV6_CUSTOMER_BYTES))}/48`;
  return {
    site: `${formatIp(prefixOf(bytes, IPV6_SUBNET_BYTES))}/64`,
    network: customer,
    stranger: customer,
  };
}

/** Copies an address with zeros behind its first `count` bytes. */
function prefixOf(bytes: Uint8Array, count: number): Uint8Array {
  const prefix = new Uint8Array(bytes.length);
  prefix.set(bytes.subarray(0, count));
  return prefix;
}

import { COMPACT_IPV4_BYTES } from '../../util/index.ts';

/**
 * The number of shares of `maxPeersPerAddress` in a swarm that a private address has: a machine or a network of containers
 * may be behind it.
 */
export const PRIVATE_SHARES = 8;
/** The number of such shares that a public IPv6 /48 has, the network of one customer. */
export const CUSTOMER_SHARES = 16;
/** The number of peers of one network, a public /24 or /48, that come before the second peer of another address. */
export const NETWORK_PEERS_IN_TURN = 8;

/** The numbers of bytes of the prefixes of public addresses: an IPv4 address, an IPv6 /64, and the /48 of a customer. */
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const IPV6_SUBNET_BYTES = 8;
const IPV6_CUSTOMER_BYTES = 6;
const IPV4_NETWORK_BYTES = 3;

/** Says whether the compact address that starts at `start` is private: loopback, link-local, RFC 1918 or RFC 4193. */
export function isPrivateAt(bytes: Uint8Array, start: number, addressSize: number): boolean {
  const a = bytes[start]!;
  const b = bytes[start + 1]!;
  if (addressSize === COMPACT_IPV4_BYTES) {
    return (
      a === 10 ||
      a === 127 ||
      (a === 192 && b === 168) ||
      (a === 172 && b >> 4 === 1) ||
      (a === 169 && b === 254)
    );
  }
  if (a === 0) return isLoopbackAt(bytes, start);
  return a >> 1 === 0x7e || (a === 0xfe && b >> 6 === 2);
}

function isLoopbackAt(bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < IPV6_BYTES - 1; at += 1) if (bytes[start + at] !== 0) return false;
  return bytes[start + IPV6_BYTES - 1] === 1;
}

/** Says how many bytes of a compact address name its site: all but the port; for a public IPv6 address, its /64. */
export function siteBytes(bytes: Uint8Array, start: number, addressSize: number): number {
  if (addressSize === COMPACT_IPV4_BYTES) return IPV4_BYTES;
  return isPrivateAt(bytes, start, addressSize) ? IPV6_BYTES : IPV6_SUBNET_BYTES;
}

/** Says how many bytes of a compact address name its customer: for a public IPv6 address, its /48; else as for its site. */
export function customerBytes(bytes: Uint8Array, start: number, addressSize: number): number {
  if (addressSize === COMPACT_IPV4_BYTES) return IPV4_BYTES;
  return isPrivateAt(bytes, start, addressSize) ? IPV6_BYTES : IPV6_CUSTOMER_BYTES;
}

/** Says how many bytes of a public address name its network: an IPv4 /24 or an IPv6 /48. */
export function networkBytes(addressSize: number): number {
  return addressSize === COMPACT_IPV4_BYTES ? IPV4_NETWORK_BYTES : IPV6_CUSTOMER_BYTES;
}

/** Says whether two addresses begin with the same `count` bytes. */
export function beginAlike(
  a: Uint8Array,
  startA: number,
  b: Uint8Array,
  startB: number,
  count: number,
): boolean {
  for (let at = count - 1; at >= 0; at -= 1) if (a[startA + at] !== b[startB + at]) return false;
  return true;
}

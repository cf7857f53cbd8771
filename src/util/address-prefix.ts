import { readUint32 } from './uint32.ts';

/** The bits of an IPv6 address that a customer of a provider may choose by himself begin after these. */
export const IPV6_CUSTOMER_BITS = 48;
/** Of IPv4, where a customer has an address or some. */
export const IPV4_NETWORK_BITS = 24;

/**
 * The first bits of an address, as a key of a `Map`. Addresses have other keys than prefixes, and those of IPv6 of another
 * length; IPv4 prefixes of two lengths do not belong into the same `Map`.
 *
 * @param ip 4 or 16 bytes
 * @param bits 2 to 32 of an IPv4 address, 33 to 64 of an IPv6 address
 */
export function prefixKey(ip: Uint8Array, bits: number): number | string {
  const high = readUint32(ip, 0);
  if (ip.length === 4) return bits === 32 ? high : -1 - (high >>> (32 - bits));
  return `${high}:${readUint32(ip, 4) >>> (64 - bits)}/${bits}`;
}

/** The network that an address belongs to, whose addresses may all be one stranger's: /24 of IPv4, /48 of IPv6. */
export function networkKey(ip: Uint8Array): number | string {
  return prefixKey(ip, ip.length === 4 ? IPV4_NETWORK_BITS : IPV6_CUSTOMER_BITS);
}

/** The stranger that an address belongs to: itself, or of IPv6 the /48 of a customer. */
export function strangerKey(ip: Uint8Array): number | string {
  return prefixKey(ip, ip.length === 4 ? 32 : IPV6_CUSTOMER_BITS);
}

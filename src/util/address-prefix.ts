import { readUint32 } from './uint32.ts';

/** The length of the IPv6 prefix that a provider gives to one customer, in bits. The customer chooses the bits behind it. */
export const IPV6_CUSTOMER_BITS = 48;
/** The length of the IPv4 prefix that counts as one network, in bits. A customer has one address of it, or a few. */
export const IPV4_NETWORK_BITS = 24;

/**
 * Makes a key for a `Map` from the first bits of an address. No IPv4 address has the key of an IPv4 prefix, and no two
 * IPv6 prefixes of different lengths have one key. IPv4 prefixes of two lengths may: they must not share a `Map`.
 *
 * @param ip 4 or 16 bytes
 * @param bits 2 to 32 of an IPv4 address, 33 to 64 of an IPv6 address
 */
export function prefixKey(ip: Uint8Array, bits: number): number | string {
  const high = readUint32(ip, 0);
  if (ip.length === 4) return bits === 32 ? high : -1 - (high >>> (32 - bits));
  return `${high}:${readUint32(ip, 4) >>> (64 - bits)}/${bits}`;
}

/** Makes the key of the network of an address: its /24 of IPv4, or its /48 of IPv6. One person may have all of it. */
export function networkKey(ip: Uint8Array): number | string {
  return prefixKey(ip, ip.length === 4 ? IPV4_NETWORK_BITS : IPV6_CUSTOMER_BITS);
}

/** Makes the key of the one person that an address may stand for: the IPv4 address itself, or the /48 of an IPv6 address. */
export function clientKey(ip: Uint8Array): number | string {
  return prefixKey(ip, ip.length === 4 ? 32 : IPV6_CUSTOMER_BITS);
}

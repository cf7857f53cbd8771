import { formatIp, parseIp } from './ip.ts';

/** The address at which a peer listens. */
export interface Address {
  /**
   * An IP address in its one canonical text form, never a name: `203.0.113.7` or `2001:db8::7`. An IPv4 address that
   * came over an IPv6 socket is written as IPv4.
   */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** The number of bytes of one IPv4 peer in the compact form. @see BEP 23 */
export const COMPACT_IPV4_BYTES = 6;
/** The number of bytes of one IPv6 peer in the compact form. @see BEP 7 */
export const COMPACT_IPV6_BYTES = 18;

/** Writes an address as `host:port`, with brackets around an IPv6 address, as in a URL. Each address has one such text. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Writes an address as 4 or 16 bytes followed by the port, big endian.
 *
 * @returns 6 bytes for IPv4, 18 for IPv6, `undefined` when `host` is no IP address
 * @see BEP 23, BEP 7
 */
export function encodeCompactAddress({ host, port }: Address): Uint8Array | undefined {
  const ip = parseIp(host);
  if (ip === undefined) return undefined;
  const bytes = new Uint8Array(ip.length + 2);
  bytes.set(ip);
  bytes[ip.length] = port >> 8;
  bytes[ip.length + 1] = port & 0xff;
  return bytes;
}

/**
 * Reads a run of compact addresses of one family. Entries with port 0 are left out: nobody can be reached there.
 *
 * @param size {@link COMPACT_IPV4_BYTES} or {@link COMPACT_IPV6_BYTES}
 * @returns `undefined` when the length is no multiple of `size`
 * @see BEP 23, BEP 7, BEP 11
 */
export function decodeCompactAddresses(
  bytes: Uint8Array,
  size: typeof COMPACT_IPV4_BYTES | typeof COMPACT_IPV6_BYTES,
): Address[] | undefined {
  if (bytes.length % size !== 0) return undefined;
  const addresses: Address[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const port = (bytes[at + size - 2]! << 8) | bytes[at + size - 1]!;
    if (port !== 0) addresses.push({ host: formatIp(bytes.subarray(at, at + size - 2)), port });
  }
  return addresses;
}

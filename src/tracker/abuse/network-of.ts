import { readUint32 } from '../../util/index.ts';

/**
 * Names whom an address belongs to, for what is kept and done for one at a time: an IPv4 address, or an IPv6 network of
 * /48, which is what one customer may have.
 *
 * @param ip 4 or 16 bytes
 */
export function networkOf(ip: Uint8Array): number | string {
  const first = readUint32(ip, 0);
  return ip.length === 4 ? first : `${first}:${readUint32(ip, 4) >>> 16}`;
}

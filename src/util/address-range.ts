import { parseIp } from './ip.ts';

/** A range of addresses of one family that have their first bits in common, such as `192.0.2.0/24`. */
export interface AddressRange {
  /** The address that the range begins with, 4 or 16 bytes. */
  readonly prefix: Uint8Array;
  /** The number of the prefix's bits that all addresses of the range share. */
  readonly bits: number;
}

/**
 * Reads `192.0.2.0/24`, `2001:db8::/32`, or an address, which is a range of its own.
 *
 * @returns `undefined` for anything else
 */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [ip = '', length, ...more] = text.split('/');
  const prefix = parseIp(ip);
  if (prefix === undefined || more.length > 0) return undefined;
  const bits = length === undefined ? prefix.length * 8 : Number(length);
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  return bits <= prefix.length * 8 ? { prefix, bits } : undefined;
}

/** Tells whether the address that starts at `start` in `bytes` is in a range. It must be of the range's family. */
export function isInRange(bytes: Uint8Array, start: number, { prefix, bits }: AddressRange): boolean {
  const whole = bits >> 3;
  for (let at = 0; at < whole; at += 1) if (bytes[start + at] !== prefix[at]) return false;
  const mask = 0xff00 >> (bits & 7);
  return (bits & 7) === 0 || ((bytes[start + whole]! ^ prefix[whole]!) & mask & 0xff) === 0;
}

/** Tells whether an address of 4 or 16 bytes is in one of the ranges. */
export function isInAnyRange(ip: Uint8Array, ranges: readonly AddressRange[]): boolean {
  for (const range of ranges) {
    if (range.prefix.length === ip.length && isInRange(ip, 0, range)) return true;
  }
  return false;
}

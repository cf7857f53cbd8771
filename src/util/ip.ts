const MAPPED_IPV4 = '::ffff:';
const MAX_IPV4_LENGTH = '255.255.255.255'.length;
const DOT = 0x2e;
const DIGIT_0 = 0x30;

/**
 * Reads an IP address.
 *
 * @returns 4 bytes for IPv4 (also when written `::ffff:192.0.2.1`), 16 for IPv6, `undefined` for anything else:
 * names, zones (`fe80::1%eth0`), octets with a leading zero
 */
export function parseIp(text: string): Uint8Array | undefined {
  // Sockets of both families give IPv4 addresses in this form, and a tracker reads one for each client.
  if (text.startsWith(MAPPED_IPV4)) {
    const mapped = parseIPv4(text.slice(MAPPED_IPV4.length));
    if (mapped !== undefined) return mapped;
  }
  const bytes = parseIPv4(text) ?? parseIPv6(text);
  return bytes && unmappedIp(bytes);
}

/** Takes an IPv4 address out of the 16 bytes of an IPv6 one (`::ffff:192.0.2.1`). Other bytes are returned as they are. */
export function unmappedIp(bytes: Uint8Array): Uint8Array {
  return isMappedIPv4(bytes) ? bytes.subarray(12) : bytes;
}

/** Writes 4 or 16 bytes as their canonical text: by RFC 5952 for IPv6, and dotted for IPv4, also for a mapped address. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return formatIPv4(bytes, 0);
  return isMappedIPv4(bytes) ? formatIPv4(bytes, 12) : formatIPv6(bytes);
}

/** Writes an IP address in its canonical form. It returns `undefined` when `text` is no IP address. */
export function canonicalIp(text: string): string | undefined {
  const bytes = parseIp(text);
  return bytes && formatIp(bytes);
}

/** Tells whether the address belongs to this machine or a private network: RFC 1918, RFC 4193, loopback, link-local. */
export function isPrivateIp(text: string): boolean {
  const bytes = parseIp(text);
  if (bytes === undefined) return false;
  const [a, b] = bytes as unknown as [number, number];
  if (bytes.length === 4) {
    return (
      a === 10 ||
      a === 127 ||
      (a === 172 && b >= 16 && b < 32) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254)
    );
  }
  return isLoopbackIPv6(bytes) || (a & 0xfe) === 0xfc || (a === 0xfe && (b & 0xc0) === 0x80);
}

/**
 * The reach of an address:
 *
 * - `public`: a machine on the internet, also through NAT64
 * - `private`: this machine (loopback), or a machine of a private network: RFC 1918, RFC 4193, RFC 6598 (shared) and
 *   RFC 2544 (benchmarks)
 * - `special`: every other address: unspecified, link-local (where clouds serve the secrets of their machines),
 *   multicast, reserved, and the IPv6 forms of IPv4 addresses (6to4, Teredo)
 */
export type IpReach = 'public' | 'private' | 'special';

/** Finds the reach of an address. A text that is no IP address is `special`. */
export function ipReach(text: string): IpReach {
  const bytes = parseIp(text);
  if (bytes === undefined) return 'special';
  if (bytes.length === 4) return ipv4Reach(bytes);
  if (hasPrefix(bytes, NAT64)) return ipv4Reach(bytes.subarray(12)) === 'public' ? 'public' : 'special';
  const [a] = bytes as unknown as [number];
  if (isLoopbackIPv6(bytes) || (a & 0xfe) === 0xfc) return 'private';
  const isGlobal = (a & 0xe0) === 0x20 && !hasPrefix(bytes, SIX_TO_FOUR) && !hasPrefix(bytes, TEREDO);
  return isGlobal ? 'public' : 'special';
}

/** The prefix of IPv6 addresses by which NAT64 reaches IPv4. @see RFC 6052 */
const NAT64 = [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
const SIX_TO_FOUR = [0x20, 0x02];
const TEREDO = [0x20, 0x01, 0, 0];

function hasPrefix(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, at) => bytes[at] === byte);
}

function isLoopbackIPv6(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 15).every((byte) => byte === 0) && bytes[15] === 1;
}

function ipv4Reach(bytes: Uint8Array): IpReach {
  const [a, b, c] = bytes as unknown as [number, number, number];
  const isSpecial = a === 0 || a >= 224 || (a === 169 && b === 254) || (a === 192 && b === 0 && c === 0);
  if (isSpecial) return 'special';
  const isPrivate =
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 198 && (b === 18 || b === 19));
  return isPrivate ? 'private' : 'public';
}

function isMappedIPv4(bytes: Uint8Array): boolean {
  if (bytes.length !== 16 || bytes[10] !== 0xff || bytes[11] !== 0xff) return false;
  for (let at = 0; at < 10; at += 1) if (bytes[at] !== 0) return false;
  return true;
}

function formatIPv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/**
 * Reads four numbers of 0 to 255 without leading zeros. It goes character by character, because a tracker reads an
 * address for each packet.
 */
function parseIPv4(text: string): Uint8Array | undefined {
  if (text.length > MAX_IPV4_LENGTH) return undefined;
  const bytes = new Uint8Array(4);
  let octet = 0;
  let digits = 0;
  let value = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || octet === 3) return undefined;
      bytes[octet] = value;
      octet += 1;
      digits = 0;
      value = 0;
      continue;
    }
    const isDigit = code >= DIGIT_0 && code <= DIGIT_0 + 9;
    if (!isDigit || (digits > 0 && value === 0)) return undefined;
    digits += 1;
    value = value * 10 + code - DIGIT_0;
    if (value > 255) return undefined;
  }
  if (octet !== 3 || digits === 0) return undefined;
  bytes[3] = value;
  return bytes;
}

function parseIPv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!);
  const tail = halves.length === 2 ? parseGroups(halves[1]!) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** Reads the groups of `2001:db8` or `0:192.0.2.1` as bytes. Dotted octets may only stand at the end. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [at, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const dotted = at === groups.length - 1 ? parseIPv4(group) : undefined;
    if (dotted === undefined) return undefined;
    bytes.push(...dotted);
  }
  return bytes;
}

/**
 * Writes an IPv6 address by RFC 5952: in lower case, without leading zeros, and with `::` for the longest run of two or
 * more groups of zeros.
 */
function formatIPv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) => (bytes[2 * at]! << 8) | bytes[2 * at + 1]!);
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}

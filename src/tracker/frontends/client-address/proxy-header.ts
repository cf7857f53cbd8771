import { parseIp, ShoalError, unmappedIp } from '../../../util/index.ts';

/** Bytes of a proxy's header: version 1 has at most 107; in version 2 more fields of the proxy's may follow. */
export const MAX_PROXY_HEADER_BYTES = 4096;

/** The error for bytes that begin like a proxy's header and are none. */
export class ProxyHeaderError extends ShoalError<'BAD_PROXY_HEADER'> {}

export interface ProxyHeader {
  /** The length of the header. */
  readonly bytes: number;
  /** The client that the proxy opened the connection for, 4 or 16 bytes; `undefined` when it is the proxy itself, or the proxy does not say. */
  readonly source?: Uint8Array;
}

/**
 * Reads the header that a proxy sends at the start of a connection, in either version.
 *
 * Neither an HTTP request nor TLS begins like one, so that the first bytes tell whether there is any.
 *
 * @param bytes what was received so far
 * @returns `none` when the bytes begin with something else; `more` when they may be the start of a header
 * @throws {ProxyHeaderError}
 * @see https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'none' | 'more' {
  if (startsAlike(bytes, V1_START)) return bytes.length < V1_START.length ? 'more' : readV1(bytes);
  if (startsAlike(bytes, V2_START)) return bytes.length < V2_HEAD_BYTES ? 'more' : readV2(bytes);
  return 'none';
}

const V1_START = Buffer.from('PROXY ');
/** Bytes of the longest header of version 1, with the end of its line. */
const MAX_V1_BYTES = 107;
const V2_START = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const V2_HEAD_BYTES = 16;
const V2_LOCAL = 0x20;
const V2_PROXY = 0x21;
const V2_UNSPECIFIED = 0x00;
const V2_TCP4 = 0x11;
const V2_TCP6 = 0x21;

/** Tells whether one of two byte strings is the start of the other. */
function startsAlike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function readV1(bytes: Buffer): ProxyHeader | 'more' {
  const end = bytes.subarray(0, MAX_V1_BYTES).indexOf('\r\n');
  if (end === -1) {
    if (bytes.length < MAX_V1_BYTES) return 'more';
    throw bad(`its line may have ${MAX_V1_BYTES} bytes, found more`);
  }
  const length = end + 2;
  const [, protocol, ...fields] = bytes.toString('latin1', 0, end).split(' ');
  if (protocol === 'UNKNOWN') return { bytes: length };
  const [source = '', target = '', sourcePort = '', targetPort = ''] = fields;
  const ip = readIp(protocol, source);
  const isRead = fields.length === 4 && isPort(sourcePort) && isPort(targetPort);
  if (ip === undefined || !isRead || readIp(protocol, target) === undefined) {
    throw bad('its line is malformed');
  }
  return { bytes: length, source: ip };
}

/** Reads an address of version 1. @param protocol TCP4 or TCP6 */
function readIp(protocol: string | undefined, text: string): Uint8Array | undefined {
  const isRightKind = protocol === 'TCP4' ? !text.includes(':') : protocol === 'TCP6' && text.includes(':');
  return isRightKind ? parseIp(text) : undefined;
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function readV2(bytes: Buffer): ProxyHeader | 'more' {
  const command = bytes[12]!;
  const family = bytes[13]!;
  const length = V2_HEAD_BYTES + bytes.readUInt16BE(14);
  if (length > MAX_PROXY_HEADER_BYTES) {
    throw bad(`it may have ${MAX_PROXY_HEADER_BYTES} bytes, found ${length}`);
  }
  if (command !== V2_LOCAL && command !== V2_PROXY) throw bad(`its version and command are ${command}`);
  if (bytes.length < length) return 'more';
  if (command === V2_LOCAL || family === V2_UNSPECIFIED) return { bytes: length };
  const size = family === V2_TCP4 ? 4 : family === V2_TCP6 ? 16 : 0;
  if (size === 0) throw bad(`it is for address family and protocol ${family}, and not for TCP`);
  // Two addresses and two ports follow.
  if (length < V2_HEAD_BYTES + 2 * size + 4) throw bad('its addresses are cut short');
  // A proxy that listens for both families on one socket writes IPv4 addresses as IPv6 ones.
  return { bytes: length, source: unmappedIp(bytes.subarray(V2_HEAD_BYTES, V2_HEAD_BYTES + size)) };
}

function bad(found: string): ProxyHeaderError {
  return new ProxyHeaderError('BAD_PROXY_HEADER', `Cannot read the header of a proxy: ${found}`);
}

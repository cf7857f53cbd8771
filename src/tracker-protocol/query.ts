import { ShoalError } from '../util/index.ts';

/**
 * A request a tracker cannot answer. The message is meant to be read by the peer's user: it goes out as
 * `failure reason`.
 */
export class TrackerRequestError extends ShoalError<
  'MISSING_KEY' | 'DUPLICATE_KEY' | 'BAD_VALUE' | 'TOO_MANY_INFO_HASHES'
> {}

const HEX_VALUE = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 0xff : value;
});

/** Characters of a URL that stand for themselves. @see RFC 3986, section 2.3 */
const UNRESERVED = /[A-Za-z0-9\-._~]/;

const ESCAPED = Array.from({ length: 256 }, (_, byte) => {
  const text = String.fromCharCode(byte);
  return UNRESERVED.test(text) ? text : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`;
});

/** Writes each byte as itself or as `%XX`. */
export function escapeBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += ESCAPED[byte]!;
  return text;
}

/** As {@link escapeBytes}, for a text that has one character for each byte. */
export function escapeText(text: string): string {
  return escapeBytes(Buffer.from(text, 'latin1'));
}

/**
 * Calls `take` for each `key=value` of a raw query, the value still escaped. Empty pairs (`&&`) are passed over.
 * The standard parser of queries cannot be used: it reads `+` as a space and bytes as UTF-8.
 */
export function forEachPair(query: string, take: (key: string, escaped: string) => void): void {
  for (let at = 0; at < query.length; ) {
    let end = query.indexOf('&', at);
    if (end === -1) end = query.length;
    let equals = query.indexOf('=', at);
    if (equals === -1 || equals > end) equals = end;
    if (end > at) take(query.slice(at, equals), query.slice(equals + 1, end));
    at = end + 1;
  }
}

/**
 * Undoes {@link escapeText}: one character for each byte. `+` stays `+`.
 *
 * @throws {TrackerRequestError} `BAD_VALUE` for a `%` without two hex digits
 */
export function unescapeText(key: string, escaped: string): string {
  if (!escaped.includes('%')) return escaped;
  let text = '';
  for (let at = 0; at < escaped.length; at += 1) {
    const code = escaped.charCodeAt(at);
    if (code !== PERCENT) text += escaped[at];
    else {
      text += String.fromCharCode(escapedByte(key, escaped, at));
      at += 2;
    }
  }
  return text;
}

/**
 * Reads exactly 20 bytes, as an info-hash or a peer id has them, into `into`. Of an info-hash of v2, which has 32, these
 * are the first 20: by them it is known to trackers.
 *
 * @throws {TrackerRequestError} `BAD_VALUE` for another length or a broken escape
 * @see BEP 52
 */
export function unescape20Bytes(key: string, escaped: string, into: Uint8Array): void {
  let length = 0;
  for (let at = 0; at < escaped.length; at += 1, length += 1) {
    let byte = escaped.charCodeAt(at);
    if (byte === PERCENT) {
      byte = escapedByte(key, escaped, at);
      at += 2;
    }
    if (length < 20) into[length] = byte;
  }
  if (length === 20 || (key === 'info_hash' && length === V2_INFO_HASH_BYTES)) return;
  const hint =
    key === 'info_hash' && length === 40
      ? ': it looks like hex digits, but the bytes themselves are percent-encoded'
      : '';
  throw new TrackerRequestError('BAD_VALUE', `${key} must be 20 bytes, found ${length}${hint}`);
}

const V2_INFO_HASH_BYTES = 32;
const PERCENT = 0x25;

function escapedByte(key: string, escaped: string, at: number): number {
  const high = HEX_VALUE[escaped.charCodeAt(at + 1)] ?? 0xff;
  const low = HEX_VALUE[escaped.charCodeAt(at + 2)] ?? 0xff;
  if (high === 0xff || low === 0xff) {
    throw new TrackerRequestError('BAD_VALUE', `${key} has a % that is not followed by two hex digits`);
  }
  return (high << 4) | low;
}

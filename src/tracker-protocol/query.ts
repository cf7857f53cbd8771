import { ShoalError, standsAt } from '../util/index.ts';

/**
 * The error of a request that a tracker cannot answer. The message is meant to be read by the peer's user: it is sent as
 * `failure reason`.
 */
export class TrackerRequestError extends ShoalError<
  'MISSING_KEY' | 'DUPLICATE_KEY' | 'BAD_VALUE' | 'TOO_MANY_INFO_HASHES'
> {}

const NO_HEX = 0xff;
const HEX_VALUE = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? NO_HEX : value;
});

/** The characters of a URL that stand for themselves. @see RFC 3986, section 2.3 */
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

/** Escapes a text of one character a byte, as {@link escapeBytes} does. */
export function escapeText(text: string): string {
  return escapeBytes(Buffer.from(text, 'latin1'));
}

/**
 * An iterator over the `key=value` pairs of a raw query, which are still escaped. Empty pairs (`&&`) are passed over. The
 * standard parser of queries cannot be used, because it reads `+` as a space and bytes as UTF-8.
 *
 * @example
 * ```ts
 * for (const pairs = new QueryPairs(query); pairs.next(); ) {
 *   // The key is from pairs.keyStart to pairs.keyEnd, the value from pairs.start to pairs.end.
 * }
 * ```
 */
export class QueryPairs {
  readonly #bytes: Uint8Array;
  /** The offset at which the key of the current pair starts. */
  keyStart = 0;
  keyEnd = 0;
  /** The offset at which its value starts. */
  start = 0;
  end = 0;
  #next = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Goes to the next pair. @returns whether there is one */
  next(): boolean {
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = this.#next;
    while (at < length && bytes[at] === AMPERSAND) at += 1;
    if (at === length) return false;
    this.keyStart = at;
    let byte = bytes[at]!;
    while (byte !== EQUALS && byte !== AMPERSAND) {
      at += 1;
      if (at === length) break;
      byte = bytes[at]!;
    }
    this.keyEnd = at;
    if (at < length && byte === EQUALS) at += 1;
    this.start = at;
    while (at < length && bytes[at] !== AMPERSAND) at += 1;
    this.end = at;
    this.#next = at;
    return true;
  }
}

/** Says whether the bytes from `start` to `end` equal the expected ones. */
export function isAt(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  return end - start === expected.length && standsAt(bytes, start, expected);
}

/**
 * Reads a part of a query as text, one character a byte, with escapes decoded. `+` stays `+`.
 *
 * @param key what it is the value of
 * @throws {TrackerRequestError} `BAD_VALUE` for a `%` without two hex digits
 */
export function unescapeText(key: string, bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 1) {
    let byte = bytes[at]!;
    if (byte === PERCENT) {
      byte = escapedByte(key, bytes, at, end);
      at += 2;
    }
    text += String.fromCharCode(byte);
  }
  return text;
}

/**
 * Reads exactly 20 bytes, those of an info-hash or a peer id, into `into`. An info-hash of v2 has 32, of which trackers use
 * the first 20.
 *
 * @param key what it is the value of
 * @throws {TrackerRequestError} `BAD_VALUE` for another length or a broken escape
 * @see BEP 52
 */
export function unescape20Bytes(
  key: string,
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
): void {
  let length = 0;
  for (let at = start; at < end; at += 1, length += 1) {
    let byte = bytes[at]!;
    if (byte === PERCENT) {
      byte = escapedByte(key, bytes, at, end);
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
const AMPERSAND = 0x26;
const EQUALS = 0x3d;

function escapedByte(key: string, bytes: Uint8Array, at: number, end: number): number {
  const high = at + 2 < end ? HEX_VALUE[bytes[at + 1]!]! : NO_HEX;
  const low = at + 2 < end ? HEX_VALUE[bytes[at + 2]!]! : NO_HEX;
  if (high === NO_HEX || low === NO_HEX) {
    throw new TrackerRequestError('BAD_VALUE', `${key} has a % that is not followed by two hex digits`);
  }
  return (high << 4) | low;
}

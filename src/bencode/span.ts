/** The byte offsets of an encoded value in the input it was decoded from: `input.subarray(start, end)`. */
export interface BencodeSpan {
  readonly start: number;
  readonly end: number;
}

const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const INTEGER = 0x69; // i
const END = 0x65; // e

/**
 * Finds the value of `key` in a dictionary that was decoded before, so that it is not checked again.
 *
 * @param start offset of the dictionary's `d`
 */
export function findSpan(bytes: Uint8Array, start: number, key: string): BencodeSpan | undefined {
  let at = start + 1;
  while (bytes[at] !== END) {
    const keyEnd = skipString(bytes, at);
    const keyStart = bytes.indexOf(COLON, at) + 1;
    at = skipValue(bytes, keyEnd);
    if (
      Buffer.from(bytes.buffer, bytes.byteOffset + keyStart, keyEnd - keyStart).toString('latin1') === key
    ) {
      return { start: keyEnd, end: at };
    }
  }
  return undefined;
}

/**
 * Finds the end of a value, which was decoded before.
 *
 * @param start offset of its first byte
 */
export function skipValue(bytes: Uint8Array, start: number): number {
  let at = start;
  let depth = 0;
  do {
    const byte = bytes[at]!;
    if (byte >= ZERO && byte <= NINE) at = skipString(bytes, at);
    else if (byte === INTEGER) {
      while (bytes[at] !== END) at += 1;
      at += 1;
    } else {
      depth += byte === END ? -1 : 1;
      at += 1;
    }
  } while (depth > 0);
  return at;
}

function skipString(bytes: Uint8Array, start: number): number {
  let at = start;
  let length = 0;
  for (; bytes[at] !== COLON; at += 1) length = length * 10 + (bytes[at]! - ZERO);
  return at + 1 + length;
}

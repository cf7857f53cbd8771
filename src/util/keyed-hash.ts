import { randomBytes } from 'node:crypto';

/** The secret of one hash table, 64 bits in two halves. It must be used for nothing else. */
export interface HashKey {
  readonly first: number;
  readonly second: number;
}

/**
 * Makes the secret of a hash table whose keys strangers choose. Somebody who knew it could choose keys that all belong
 * into one place of the table. It comes from `node:crypto`, so that no output of the program tells it.
 */
export function newHashKey(): HashKey {
  const secret = randomBytes(8);
  return { first: secret.readInt32LE(0), second: secret.readInt32LE(4) };
}

/**
 * Hashes a part of some bytes with HalfSipHash-1-3, a keyed hash for tables: without the key, nobody can tell which
 * inputs will collide. It takes as long as a hash without a key.
 *
 * @param size the number of bytes from `start` on
 * @returns 32 bits, not less than 0
 * @see https://github.com/veorq/SipHash, and hsiphash in Documentation/security/siphash.rst of Linux
 */
export function keyedHash(
  { first, second }: HashKey,
  bytes: Uint8Array,
  start: number,
  size: number,
): number {
  let v0 = first;
  let v1 = second;
  let v2 = first ^ 0x6c79_6765;
  let v3 = second ^ 0x7465_6462;
  const blocks = size >>> 2;
  // The blocks of four bytes, the one with the length, and three rounds at the end.
  for (let round = 0; round < blocks + 4; round += 1) {
    let word = 0;
    if (round < blocks) {
      const at = start + round * 4;
      word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    } else if (round === blocks) {
      word = size << 24;
      for (let at = start + blocks * 4, shift = 0; at < start + size; at += 1, shift += 8)
        word |= bytes[at]! << shift;
    } else if (round === blocks + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}

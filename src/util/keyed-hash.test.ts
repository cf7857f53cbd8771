import { describe, expect, test } from 'vitest';
import { type HashKey, keyedHash, newHashKey } from './keyed-hash.ts';

/** The earlier hash of Shoal's tables: it has no key, so colliding keys can be found by trying. */
function unkeyedHash(bytes: Uint8Array): number {
  let hash = 0;
  for (const byte of bytes) {
    hash = Math.imul(hash ^ byte, 0x5bd1_e995);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function hashed(key: HashKey, bytes: Uint8Array): number {
  return keyedHash(key, bytes, 0, bytes.length);
}

describe('keyedHash()', () => {
  test('agrees with the test vectors of Linux for HalfSipHash-1-3', () => {
    const key = { first: 0x0302_0100, second: 0x0706_0504 };
    const message = Uint8Array.from({ length: 8 }, (_, at) => at);
    const hashes = [0, 1, 2, 3, 4, 5].map((size) => keyedHash(key, message, 0, size));
    expect(hashes).toEqual([0x5814_c896, 0xe7e8_64ca, 0xbc4b_0e30, 0x0153_9939, 0x7e05_9ea6, 0x88e3_d89b]);
    expect(keyedHash(key, Uint8Array.of(9, 9, 0, 1, 2, 9), 2, 3)).toBe(hashes[3]);
  });

  test('spreads keys that were made to collide in a table without a key', () => {
    const places = 256;
    const chosen: Uint8Array[] = [];
    for (let number = 0; chosen.length < places; number += 1) {
      const infoHash = new Uint8Array(20);
      new DataView(infoHash.buffer).setUint32(16, number);
      if (unkeyedHash(infoHash) % places === 7) chosen.push(infoHash);
    }
    const key = newHashKey();
    const taken = new Set(chosen.map((infoHash) => hashed(key, infoHash) % places));
    // 162 of 256 on average; fewer than 100 once in 10^20 keys.
    expect(taken.size).toBeGreaterThan(100);
  });

  test('gives different hashes with different keys', () => {
    const message = new Uint8Array(20);
    const keys = Array.from({ length: 16 }, newHashKey);
    expect(new Set(keys.map((key) => hashed(key, message))).size).toBeGreaterThan(8);
  });
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from './block.ts';
import {
  leafHashes,
  leavesPerPiece,
  MERKLE_HASH_BYTES,
  merkleRoot,
  pieceLayerRoot,
  pieceRoot,
} from './merkle.ts';

const sha256 = (...parts: Uint8Array[]): Uint8Array =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The tree as BEP 52 draws it: all leaves, padded, then layer by layer. */
function plainRoot(hashes: Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0]!;
  const parents: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += 2) parents.push(sha256(hashes[at]!, hashes[at + 1]!));
  return plainRoot(parents);
}

function leavesOf(data: Uint8Array): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += BLOCK_BYTES) {
    leaves.push(sha256(data.subarray(at, at + BLOCK_BYTES)));
  }
  return leaves;
}

function padded(hashes: Uint8Array[], width: number): Uint8Array[] {
  return [
    ...hashes,
    ...Array.from({ length: width - hashes.length }, () => new Uint8Array(MERKLE_HASH_BYTES)),
  ];
}

const powerOfTwoFrom = (count: number): number => 2 ** Math.ceil(Math.log2(count));
const dataOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff);

describe('merkleRoot()', () => {
  test('merkleRoot() is the root of the tree with all padding written out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 9 }),
        fc.integer({ min: 0, max: 2 }),
        (hashes, more) => {
          const width = powerOfTwoFrom(Math.max(1, hashes.length)) * 2 ** more;
          expect(hex(merkleRoot(Buffer.concat(hashes), width))).toBe(hex(plainRoot(padded(hashes, width))));
        },
      ),
    );
  });

  test('merkleRoot() leaves the hashes it is given as they are', () => {
    const hashes = dataOf(4 * MERKLE_HASH_BYTES);
    merkleRoot(hashes, 4);
    expect(hashes).toEqual(dataOf(4 * MERKLE_HASH_BYTES));
  });
});

describe('pieceRoot() and pieceLayerRoot()', () => {
  test('pieceRoot() of a piece of up to 16 KiB is its SHA-256', () => {
    for (const length of [1, 100, BLOCK_BYTES - 1, BLOCK_BYTES]) {
      expect(hex(pieceRoot(dataOf(length), leavesPerPiece(length, 65536)))).toBe(hex(sha256(dataOf(length))));
    }
  });

  test("pieceLayerRoot() over the pieces' roots is the root over the file's leaves, whatever the piece length", () => {
    for (const length of [16385, 32768, 65536, 65537, 98304, 131072, 131073, 200_000, 262_145]) {
      const data = dataOf(length);
      const leaves = leavesOf(data);
      const root = hex(plainRoot(padded(leaves, powerOfTwoFrom(leaves.length))));
      for (const pieceLength of [16384, 32768, 65536, 131072, 524288]) {
        const roots: Uint8Array[] = [];
        for (let start = 0; start < length; start += pieceLength) {
          roots.push(
            pieceRoot(data.subarray(start, start + pieceLength), leavesPerPiece(length, pieceLength)),
          );
        }
        expect(hex(pieceLayerRoot(Buffer.concat(roots), pieceLength))).toBe(root);
      }
    }
  });

  test('leafHashes() hashes each 16 KiB', () => {
    const data = dataOf(40_000);
    expect(hex(leafHashes(data))).toBe(hex(Buffer.concat(leavesOf(data))));
  });
});

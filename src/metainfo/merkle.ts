import { createHash, hash as hashOnce } from 'node:crypto';
import { BLOCK_BYTES } from './block.ts';

/** The bytes of a SHA-256, which each hash of a merkle tree is. */
export const MERKLE_HASH_BYTES = 32;

/**
 * Makes the leaves of `data`: the SHA-256 of each 16 KiB, the last of which may be shorter.
 *
 * @returns 32 bytes each, one after the other
 */
export function leafHashes(data: Uint8Array): Uint8Array {
  const leaves = new Uint8Array(Math.ceil(data.length / BLOCK_BYTES) * MERKLE_HASH_BYTES);
  const into = Buffer.from(leaves.buffer);
  for (let at = 0, leaf = 0; at < data.length; at += BLOCK_BYTES, leaf += MERKLE_HASH_BYTES) {
    putSha256(data.subarray(at, at + BLOCK_BYTES), into, leaf);
  }
  return leaves;
}

/**
 * Makes the root over `width` hashes, of which those beyond the given ones are `padding`.
 *
 * @param hashes 32 bytes each, at most `width` of them
 * @param width a power of two
 * @param padding 32 bytes; by default zeros, as for leaves beyond the end of a file
 */
export function merkleRoot(
  hashes: Uint8Array,
  width: number,
  padding: Uint8Array = new Uint8Array(MERKLE_HASH_BYTES),
): Uint8Array {
  let count = hashes.length / MERKLE_HASH_BYTES;
  // One layer after the other in the same memory: a parent never stands behind its children. One more hash of room
  // for the padding beside a last hash that has no neighbour.
  const layer = Buffer.alloc((count + 1) * MERKLE_HASH_BYTES);
  layer.set(hashes);
  let pad = padding;
  for (let rest = width; rest > 1; rest /= 2) {
    if (count % 2 === 1) layer.set(pad, count * MERKLE_HASH_BYTES);
    count = Math.ceil(count / 2);
    for (let parent = 0; parent < count; parent += 1) {
      const at = parent * MERKLE_HASH_BYTES;
      putSha256(layer.subarray(2 * at, 2 * at + 2 * MERKLE_HASH_BYTES), layer, at);
    }
    if (rest > 2 || count === 0) pad = merkleNode(pad, pad);
  }
  return count === 0 ? pad : Uint8Array.from(layer.subarray(0, MERKLE_HASH_BYTES));
}

/** Makes the hash over two hashes. */
export function merkleNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(left).update(right).digest();
}

/**
 * Counts the leaves below the root of a piece of a file: those of a whole piece, or in a file of one piece the least
 * power of two that covers the file.
 *
 * @see BEP 52, `pieces root`
 */
export function leavesPerPiece(fileLength: number, pieceLength: number): number {
  return fileLength > pieceLength
    ? pieceLength / BLOCK_BYTES
    : powerOfTwoFrom(Math.ceil(fileLength / BLOCK_BYTES));
}

/** Makes the root of one piece of a file from its bytes, without pad bytes. @param leafCount {@link leavesPerPiece} */
export function pieceRoot(data: Uint8Array, leafCount: number): Uint8Array {
  return merkleRoot(leafHashes(data), leafCount);
}

/**
 * Makes the root of a file from the roots of its pieces: its `pieces root`.
 *
 * @param layer 32 bytes a piece, at least one piece
 */
export function pieceLayerRoot(layer: Uint8Array, pieceLength: number): Uint8Array {
  const count = layer.length / MERKLE_HASH_BYTES;
  if (count === 1) return new Uint8Array(layer);
  return merkleRoot(layer, powerOfTwoFrom(count), pieceLayerPadding(pieceLength));
}

/** Makes the hash that fills a piece layer behind the last piece: the root of a piece of nothing but padding. */
export function pieceLayerPadding(pieceLength: number): Uint8Array {
  return merkleRoot(new Uint8Array(0), pieceLength / BLOCK_BYTES);
}

/** Finds the least power of two that is not below `count`. */
export function powerOfTwoFrom(count: number): number {
  let power = 1;
  while (power < count) power *= 2;
  return power;
}

/**
 * Puts the SHA-256 of some bytes into a buffer. The digest is made as a text of one character a byte, because that is
 * faster than a digest that is an array of its own, twice as fast for two hashes.
 */
function putSha256(data: Uint8Array, into: Buffer, at: number): void {
  into.write(hashOnce('sha256', data, 'binary'), at, 'latin1');
}

import { MERKLE_HASH_BYTES, MERKLE_LEAF_BYTES, merkleNode, merkleRoot, powerOfTwoFrom } from './merkle.ts';

/** Hashes that a run has at most. @see BEP 52, `hash request` */
export const MAX_HASH_RUN = 512;

/**
 * Some hashes of one layer of a file's merkle tree, with what it takes to prove them: the `hash request` of BEP 52.
 *
 * Because `index` is a multiple of `length` a run is all there is below one node, and each layer from that node up has
 * one hash that its proof needs, the uncle.
 */
export interface HashRun {
  /** Layers above the leaves. */
  readonly baseLayer: number;
  /** First hash, counted in the base layer. */
  readonly index: number;
  /** Hashes of the base layer, those beyond the end of the file included. */
  readonly length: number;
  /** Layers above the base layer that are to be provable; those inside the run count, and need no uncle. */
  readonly proofLayers: number;
}

/** Gives hashes of one layer of a tree, 32 bytes each, padding included. */
export type HashesAt = (layer: number, index: number, count: number) => Uint8Array;

/** Layers above the leaves of a file's tree, the root's included. @param fileLength not 0 */
export function treeHeight(fileLength: number): number {
  return Math.log2(powerOfTwoFrom(Math.ceil(fileLength / MERKLE_LEAF_BYTES)));
}

/**
 * Whether a tree has such a run. One hash alone is taken for one, against BEP 52: it is what libtorrent asks for where
 * a file has one piece more than a multiple of 512.
 *
 * @param run any numbers
 * @param height {@link treeHeight}
 */
export function isHashRun({ baseLayer, index, length, proofLayers }: HashRun, height: number): boolean {
  return (
    Number.isInteger(Math.log2(length)) &&
    length <= MAX_HASH_RUN &&
    baseLayer < height &&
    index % length === 0 &&
    index + length <= 2 ** (height - baseLayer) &&
    proofLayers < height - baseLayer
  );
}

/** How many uncles prove a run. */
export function uncleCount({ length, proofLayers }: HashRun): number {
  return Math.max(0, proofLayers + 1 - Math.log2(length));
}

/** The layer of the node that the run with its uncles comes to. */
export function provenLayer(run: HashRun): number {
  return run.baseLayer + Math.log2(run.length) + uncleCount(run);
}

/** What answers a request: the hashes of the run, and its uncles from below. */
export function gatherHashes(run: HashRun, hashesAt: HashesAt): Uint8Array {
  const { baseLayer, index, length } = run;
  const uncles = uncleCount(run);
  const hashes = new Uint8Array((length + uncles) * MERKLE_HASH_BYTES);
  hashes.set(hashesAt(baseLayer, index, length));
  let layer = baseLayer + Math.log2(length);
  let node = index / length;
  for (let at = length; at < length + uncles; at += 1, layer += 1, node = Math.floor(node / 2)) {
    hashes.set(hashesAt(layer, siblingOf(node), 1), at * MERKLE_HASH_BYTES);
  }
  return hashes;
}

/**
 * The node that the hashes and uncles of a run come to, in {@link provenLayer}: they are proven when the tree has it.
 *
 * @param hashes as `gatherHashes()` gives them
 */
export function rootOfRun({ index, length }: HashRun, hashes: Uint8Array): Uint8Array {
  const uncles = hashes.subarray(length * MERKLE_HASH_BYTES);
  let root = merkleRoot(hashes.subarray(0, length * MERKLE_HASH_BYTES), length);
  let node = index / length;
  for (let at = 0; at < uncles.length; at += MERKLE_HASH_BYTES, node = Math.floor(node / 2)) {
    const uncle = uncles.subarray(at, at + MERKLE_HASH_BYTES);
    root = node % 2 === 0 ? merkleNode(root, uncle) : merkleNode(uncle, root);
  }
  return root;
}

function siblingOf(node: number): number {
  return node % 2 === 0 ? node + 1 : node - 1;
}

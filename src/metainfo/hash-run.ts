import { BLOCK_BYTES } from './block.ts';
import { MERKLE_HASH_BYTES, merkleNode, merkleRoot, powerOfTwoFrom } from './merkle.ts';

/** The most hashes of a run. @see BEP 52, `hash request` */
export const MAX_HASH_RUN = 512;

/**
 * A run of hashes of one layer of a file's merkle tree and the layers that prove it: the `hash request` of BEP 52.
 *
 * Because `index` is a multiple of `length`, a run is all of the layer below one node. Each layer from that node up has
 * one hash that the proof needs, the uncle.
 */
export interface HashRun {
  /** The number of the layer, counted from the leaves. */
  readonly baseLayer: number;
  /** The first hash, counted in the base layer. */
  readonly index: number;
  /** The number of hashes of the base layer, including those beyond the end of the file. */
  readonly length: number;
  /** The number of layers above the base layer that the proof covers. Layers inside the run count, and need no uncle. */
  readonly proofLayers: number;
}

/** Gives hashes of one layer of a tree, 32 bytes each, padding included. */
export type HashesAt = (layer: number, index: number, count: number) => Uint8Array;

/** Counts the layers above the leaves of a file's tree, including that of the root. @param fileLength not 0 */
export function treeHeight(fileLength: number): number {
  return Math.log2(powerOfTwoFrom(Math.ceil(fileLength / BLOCK_BYTES)));
}

/**
 * Tells whether a tree of a height has a run. A single hash counts as a run, against BEP 52, because libtorrent asks for
 * one when a file has one piece more than a multiple of 512.
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

/** Counts the uncles that prove a run. */
export function uncleCount({ length, proofLayers }: HashRun): number {
  return Math.max(0, proofLayers + 1 - Math.log2(length));
}

/** Finds the layer of the node that a run and its uncles hash to. */
export function provenLayer(run: HashRun): number {
  return run.baseLayer + Math.log2(run.length) + uncleCount(run);
}

/** Gathers the hashes that answer a request: those of the run, and its uncles from below. */
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
 * Computes the node that the hashes and uncles of a run hash to, in {@link provenLayer}. They are proven when the tree
 * has that node.
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

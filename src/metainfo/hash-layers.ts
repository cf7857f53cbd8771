import { MERKLE_HASH_BYTES, merkleNode } from './merkle.ts';

/**
 * Makes all layers of the tree over `width` hashes, one after the other from the given hashes up to the root. It leaves
 * out padding, and the hashes over nothing but padding.
 *
 * @param hashes 32 bytes each, at most `width` of them
 * @param width a power of two
 * @param padding 32 bytes
 */
export function merkleLayers(hashes: Uint8Array, width: number, padding: Uint8Array): Uint8Array {
  let count = hashes.length / MERKLE_HASH_BYTES;
  const counts: number[] = [];
  for (let rest = width; rest >= 1; rest /= 2, count = Math.ceil(count / 2)) counts.push(count);
  const layers = new Uint8Array(counts.reduce((sum, layer) => sum + layer, 0) * MERKLE_HASH_BYTES);
  layers.set(hashes);
  let children = 0;
  let pad = padding;
  for (const [layer, below] of counts.slice(0, -1).entries()) {
    const parents = children + below;
    for (let parent = 0; parent < counts[layer + 1]!; parent += 1) {
      const left = hashAt(layers, children + 2 * parent);
      const right = 2 * parent + 1 < below ? hashAt(layers, children + 2 * parent + 1) : pad;
      layers.set(merkleNode(left, right), (parents + parent) * MERKLE_HASH_BYTES);
    }
    children = parents;
    pad = merkleNode(pad, pad);
  }
  return layers;
}

/**
 * A merkle tree with all its layers. Layer 0 here are the hashes that the tree is made over, and the last layer is its
 * root. Padding takes no memory.
 */
export class HashLayers {
  readonly #bytes: Uint8Array;
  /** For each layer, the number of hashes in the bytes before it; the last entry is the end of the last layer. */
  readonly #starts: number[] = [0];
  /** For each layer, the hash that stands in every place behind its own hashes. */
  readonly #padding: Uint8Array[] = [];

  /**
   * @param bytes the result of {@link merkleLayers}, or its first layers alone when no other layer is asked for
   * @param count the number of hashes in layer 0
   * @param width the number that they are padded to, a power of two
   * @param padding 32 bytes
   */
  constructor(bytes: Uint8Array, count: number, width: number, padding: Uint8Array) {
    this.#bytes = bytes;
    let start = 0;
    let pad = padding;
    for (let rest = width, hashes = count; rest >= 1; rest /= 2, hashes = Math.ceil(hashes / 2)) {
      start += hashes;
      this.#starts.push(start);
      this.#padding.push(pad);
      pad = merkleNode(pad, pad);
    }
  }

  /** The bytes of memory that the tree takes. */
  get size(): number {
    return this.#bytes.length;
  }

  get root(): Uint8Array {
    return this.hashes(this.#padding.length - 1, 0, 1);
  }

  /** Gets a copy of `count` hashes of a layer, 32 bytes each, which must lie within the layer's width. */
  hashes(layer: number, index: number, count: number): Uint8Array {
    const first = this.#starts[layer]!;
    const there = this.#starts[layer + 1]! - first;
    const from = Math.min(index, there);
    const to = Math.min(index + count, there);
    const hashes = new Uint8Array(count * MERKLE_HASH_BYTES);
    hashes.set(this.#bytes.subarray((first + from) * MERKLE_HASH_BYTES, (first + to) * MERKLE_HASH_BYTES));
    for (let at = to - from; at < count; at += 1) {
      hashes.set(this.#padding[layer]!, at * MERKLE_HASH_BYTES);
    }
    return hashes;
  }
}

function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * MERKLE_HASH_BYTES, (index + 1) * MERKLE_HASH_BYTES);
}

import { HashLayers } from './hash-layers.ts';
import { type HashRun, provenLayer, uncleCount } from './hash-run.ts';
import { leavesPerPiece, MERKLE_HASH_BYTES } from './merkle.ts';
import type { MetainfoFile } from './metainfo.ts';

/**
 * Counts the layers above the leaves of a piece's tree. The root of that tree is in the piece layer, or is the root of
 * a file of one piece.
 */
export function pieceHeight({ length }: MetainfoFile, pieceLength: number): number {
  return Math.log2(leavesPerPiece(length, pieceLength));
}

/** The parts of a file's tree that a run and its uncles are in. */
export interface TreeParts {
  /**
   * The pieces whose trees they are in: [firstPiece, pieceEnd), counted in the file. The range is empty when all of them
   * are above the piece layer.
   */
  readonly firstPiece: number;
  readonly pieceEnd: number;
  /** Whether some of them are above the piece layer. */
  readonly isAbove: boolean;
}

/** Finds the parts of a file's tree that answer a request. @param run one of the file, see `isHashRun()` */
export function treePartsOf(run: HashRun, file: MetainfoFile, pieceLength: number): TreeParts {
  const height = pieceHeight(file, pieceLength);
  const highest = uncleCount(run) > 0 ? provenLayer(run) - 1 : run.baseLayer;
  const isAbove = highest > height;
  if (run.baseLayer >= height) return { firstPiece: 0, pieceEnd: 0, isAbove };
  const perPiece = 2 ** (height - run.baseLayer);
  const pieceCount = Math.ceil(file.length / pieceLength);
  return {
    firstPiece: Math.floor(run.index / perPiece),
    pieceEnd: Math.min(Math.ceil((run.index + run.length) / perPiece), pieceCount),
    isAbove,
  };
}

/**
 * The parts of a file's merkle tree that together are one tree: the trees of some pieces, and the tree over the pieces'
 * roots.
 */
export class FileTree {
  readonly #pieceHeight: number;
  readonly #pieces: ReadonlyMap<number, HashLayers>;
  readonly #above: HashLayers | undefined;
  /** The tree of each piece behind the end of the file. */
  readonly #padding: HashLayers;

  /**
   * @param pieceHeight the layers of a piece's tree, from the function {@link pieceHeight}
   * @param pieces the trees of the pieces, by their number in the file
   * @param above the tree from the piece layer up; `undefined` for a file of one piece
   */
  constructor(pieceHeight: number, pieces: ReadonlyMap<number, HashLayers>, above: HashLayers | undefined) {
    const none = new Uint8Array(0);
    this.#pieceHeight = pieceHeight;
    this.#pieces = pieces;
    this.#above = above;
    this.#padding = new HashLayers(none, 0, 2 ** pieceHeight, new Uint8Array(MERKLE_HASH_BYTES));
  }

  /** Gets `count` hashes of a layer, 32 bytes each. All of them must be in the parts, or be padding. */
  hashes(layer: number, index: number, count: number): Uint8Array {
    if (this.#above !== undefined && layer >= this.#pieceHeight) {
      return this.#above.hashes(layer - this.#pieceHeight, index, count);
    }
    const hashes = new Uint8Array(count * MERKLE_HASH_BYTES);
    const perPiece = 2 ** (this.#pieceHeight - layer);
    for (let at = 0; at < count; ) {
      const within = (index + at) % perPiece;
      const taken = Math.min(count - at, perPiece - within);
      const piece = this.#pieces.get((index + at - within) / perPiece) ?? this.#padding;
      hashes.set(piece.hashes(layer, within, taken), at * MERKLE_HASH_BYTES);
      at += taken;
    }
    return hashes;
  }
}

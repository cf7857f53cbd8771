import {
  expectedPieceHash,
  FileTree,
  gatherHashes,
  HashLayers,
  isHashRun,
  MERKLE_HASH_BYTES,
  type Metainfo,
  type MetainfoFile,
  pieceHeight,
  pieceLayerPadding,
  powerOfTwoFrom,
  type TreeParts,
  treeHeight,
  treePartsOf,
} from '../metainfo/index.ts';
import type { Storage } from '../storage/index.ts';
import { type Bitfield, equalBytes, toHex } from '../util/index.ts';
import { BLOCK_BYTES, type HashRequest } from '../wire/index.ts';
import type { HashTreeCache } from './hash-tree-cache.ts';
import { MAX_DOWNLOADED_PIECE_LENGTH } from './piece-buffers.ts';
import type { MakeTrees } from './session-options.ts';

/** The hash that fills the places behind the last leaf of a tree. @see BEP 52, `pieces root` */
const NO_HASH = new Uint8Array(MERKLE_HASH_BYTES);

/** The number of files with equal content that are searched for the pieces of one hash request. */
export const MAX_EQUAL_FILES = 64;

/** The options of a {@link HashSource}. */
export interface HashSourceOptions {
  readonly metainfo: Metainfo;
  readonly have: Bitfield;
  readonly storage: Storage;
  readonly trees: HashTreeCache;
  readonly makeTrees: MakeTrees;
}

/** A request whose hashes can be made, and what they are made from. */
export interface HashPlan {
  readonly request: HashRequest;
  readonly file: MetainfoFile;
  readonly parts: TreeParts;
  /** The bytes of pieces that have to be read and hashed for it, unless their trees are in the cache. */
  readonly dataBytes: number;
}

/**
 * Makes the hashes of the merkle trees of a torrent. Those of the piece layers and above are made from the metainfo, those
 * below from the data of pieces that we have.
 */
export class HashSource {
  readonly #options: HashSourceOptions;
  /** The files by their root. Files with equal content have the same one. `undefined` until it is first needed. */
  #filesByRoot: Map<string, MetainfoFile[]> | undefined;

  constructor(options: HashSourceOptions) {
    this.#options = options;
  }

  /** Finds out how to make the hashes of a request. @returns `undefined` when we cannot, or when the request is not a valid one */
  plan(request: HashRequest): HashPlan | undefined {
    const { pieceLength } = this.#options.metainfo;
    this.#filesByRoot ??= this.#indexFiles();
    for (const file of this.#filesByRoot.get(toHex(request.piecesRoot)) ?? []) {
      if (!isHashRun(request, treeHeight(file.length))) continue;
      const parts = treePartsOf(request, file, pieceLength);
      const pieces = parts.pieceEnd - parts.firstPiece;
      // The data of the piece would be held in memory. A peer that cannot download such a piece needs none of its leaves.
      if (pieces > 0 && Math.min(pieceLength, file.length) > MAX_DOWNLOADED_PIECE_LENGTH) continue;
      // By BEP 52 nobody requests layers between leaves and pieces. A long run of one would need very many pieces.
      if (request.baseLayer > 0 && pieces > 1) continue;
      if (this.#hasPieces(file, parts)) return { request, file, parts, dataBytes: pieces * pieceLength };
    }
    return undefined;
  }

  /**
   * Makes the hashes of a request.
   *
   * @returns the hashes in the order of `gatherHashes()`
   * @throws {StorageError} when a file cannot be read
   * @throws {HashingError} when the thread that hashes fails
   * @throws {Error} when the data on disk has changed
   */
  async hashesOf({ request, file, parts }: HashPlan): Promise<Uint8Array> {
    const { pieceLength } = this.#options.metainfo;
    const pieces = new Map<number, HashLayers>();
    for (let piece = parts.firstPiece; piece < parts.pieceEnd; piece += 1) {
      pieces.set(piece, await this.#pieceTree(file.offset / pieceLength + piece));
    }
    const above = file.length > pieceLength ? await this.#treeAbove(file, parts.isAbove) : undefined;
    const tree = new FileTree(pieceHeight(file, pieceLength), pieces, above);
    return gatherHashes(request, (layer, index, count) => tree.hashes(layer, index, count));
  }

  #indexFiles(): Map<string, MetainfoFile[]> {
    const byRoot = new Map<string, MetainfoFile[]>();
    for (const file of this.#options.metainfo.files) {
      if (file.piecesRoot === undefined) continue;
      const root = toHex(file.piecesRoot);
      const files = byRoot.get(root);
      if (files === undefined) byRoot.set(root, [file]);
      else if (files.length < MAX_EQUAL_FILES) files.push(file);
    }
    return byRoot;
  }

  #hasPieces(file: MetainfoFile, { firstPiece, pieceEnd }: TreeParts): boolean {
    const { have, metainfo } = this.#options;
    const offset = file.offset / metainfo.pieceLength;
    for (let piece = firstPiece; piece < pieceEnd; piece += 1) if (!have.has(offset + piece)) return false;
    return true;
  }

  /** Returns the tree of a piece that we have, made from its data or from the cache. */
  #pieceTree(index: number): Promise<HashLayers> {
    const { metainfo, storage, trees, makeTrees } = this.#options;
    return trees.get(metainfo.infoHash, `piece ${index}`, async () => {
      const { hash, dataLength, leafCount } = expectedPieceHash(metainfo, index).root!;
      const data = new Uint8Array(new SharedArrayBuffer(dataLength));
      await storage.read(index * metainfo.pieceLength, data);
      const layers = await makeTrees.treeOfPiece(data, leafCount);
      const tree = new HashLayers(layers, Math.ceil(dataLength / BLOCK_BYTES), leafCount, NO_HASH);
      // A peer would take wrong hashes for a lie and ban us.
      if (equalBytes(tree.root, hash)) return tree;
      throw new Error(
        `Cannot send hashes of piece ${index} of ${metainfo.name}: its data on disk has changed since it was verified`,
      );
    });
  }

  /** Returns the tree over the roots of a file's pieces. @param isWhole whether more of it is needed than these roots */
  async #treeAbove({ piecesRoot }: MetainfoFile, isWhole: boolean): Promise<HashLayers> {
    const { metainfo, trees, makeTrees } = this.#options;
    const root = toHex(piecesRoot!);
    const roots = metainfo.pieceLayers!.get(root)!;
    const count = roots.length / MERKLE_HASH_BYTES;
    const width = powerOfTwoFrom(count);
    const padding = pieceLayerPadding(metainfo.pieceLength);
    if (!isWhole) return new HashLayers(roots, count, width, padding);
    return trees.get(metainfo.infoHash, `above ${root}`, async () => {
      return new HashLayers(await makeTrees.treeOver(roots, width, padding), count, width, padding);
    });
  }
}

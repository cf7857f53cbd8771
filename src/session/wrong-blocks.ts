import { hash } from 'node:crypto';
import {
  expectedPieceHash,
  fileAt,
  MAX_HASH_RUN,
  MERKLE_HASH_BYTES,
  type Metainfo,
  MetainfoError,
  type PieceRoot,
} from '../metainfo/index.ts';
import type { PeerConnection } from '../swarm/index.ts';
import { equalBytes, toHex } from '../util/index.ts';
import { BLOCK_BYTES, type HashRequest } from '../wire/index.ts';
import type { BlockSource } from './block-source.ts';
import { type HashQueries, TRIAL_QUERY_LIMIT_MS } from './hash-queries.ts';
import type { PieceBytes } from './piece-buffers.ts';
import type { MakeTrees } from './session-options.ts';

/** Wrong pieces whose leaf hashes are remembered until they are right; beyond, the oldest are forgotten. */
export const MAX_PROVEN_PIECES = 64;

export interface WrongBlocksOptions {
  readonly metainfo: Metainfo;
  readonly makeTrees: MakeTrees;
  readonly queries: Pick<HashQueries, 'ask'>;
}

/** Who sent a wrong piece. */
export interface PieceSender {
  /** The peer that sent all of it, if that was one: it is not asked, and need not be waited for to be blamed. */
  readonly sender: BlockSource | undefined;
  /** Whether it was the first piece of that peer: it is not worth waiting for long for others, who may be of the same kind. */
  readonly isTrial: boolean;
}

/**
 * Finds which blocks of a wrong v2 piece are wrong, by the hashes of its leaves, which peers give: they are proven by
 * the hash of the piece.
 *
 * @see BEP 52
 */
export class WrongBlocks {
  readonly #options: WrongBlocksOptions;
  readonly #leaves = new Map<number, Uint8Array>();

  constructor(options: WrongBlocksOptions) {
    this.#options = options;
  }

  /**
   * @param bytes of a piece that has a wrong hash, as it is transferred
   * @returns at least one block; nothing where that cannot be found out, because there is no v2 hash or no peer that says
   * @throws {MetainfoError} HYBRID_MISMATCH when it has the hash of one half of a hybrid
   */
  async find(
    index: number,
    bytes: PieceBytes,
    { sender, isTrial }: PieceSender = { sender: undefined, isTrial: false },
  ): Promise<readonly number[] | undefined> {
    const { metainfo, makeTrees } = this.#options;
    const { sha1, root } = expectedPieceHash(metainfo, index);
    if (root === undefined) return undefined;
    const tree = await makeTrees.treeOfPiece(bytes.subarray(0, root.dataLength), root.leafCount);
    if (equalBytes(tree.subarray(-MERKLE_HASH_BYTES), root.hash)) {
      const blocks = wrongBlocks(bytes, root.dataLength, () => true);
      if (blocks.length === 0) throw this.#halvesDisagree(index, 'v2');
      return blocks;
    }
    if (sha1 !== undefined && hash('sha1', bytes, 'hex') === toHex(sha1)) {
      throw this.#halvesDisagree(index, 'v1');
    }
    const limitMs = isTrial ? TRIAL_QUERY_LIMIT_MS : undefined;
    const right = await this.#leavesOf(index, root, sender, limitMs);
    if (right === undefined) return undefined;
    return wrongBlocks(bytes, root.dataLength, (block) =>
      equalBytes(leafAt(tree, block), leafAt(right, block)),
    );
  }

  /** Proven leaf hashes of a piece, those of its data at least. */
  async #leavesOf(
    index: number,
    root: PieceRoot,
    sender: BlockSource | undefined,
    limitMs: number | undefined,
  ): Promise<Uint8Array | undefined> {
    if (root.leafCount === 1) return root.hash;
    const known = this.#leaves.get(index);
    if (known !== undefined) return known;
    const isHeldBy = (peer: PeerConnection) => peer !== sender && peer.pieces.has(index);
    const runs: Uint8Array[] = [];
    for (const request of this.#requestsFor(index, root)) {
      const hashes = await this.#options.queries.ask({ request, expected: root.hash, limitMs, isHeldBy });
      if (hashes === undefined) return undefined;
      runs.push(hashes.subarray(0, request.length * MERKLE_HASH_BYTES));
    }
    const leaves = Buffer.concat(runs);
    this.#leaves.set(index, leaves);
    const [oldest] = this.#leaves.keys();
    if (this.#leaves.size > MAX_PROVEN_PIECES) this.#leaves.delete(oldest!);
    return leaves;
  }

  *#requestsFor(index: number, { dataLength, leafCount }: PieceRoot): Generator<HashRequest> {
    const { metainfo } = this.#options;
    const start = index * metainfo.pieceLength;
    const file = fileAt(metainfo, start);
    const firstLeaf = (start - file.offset) / BLOCK_BYTES;
    const length = Math.min(leafCount, MAX_HASH_RUN);
    // Up to the root of the piece, which is not asked for.
    const proofLayers = Math.log2(leafCount) - 1;
    for (let leaf = 0; leaf * BLOCK_BYTES < dataLength; leaf += length) {
      yield { piecesRoot: file.piecesRoot!, baseLayer: 0, index: firstLeaf + leaf, length, proofLayers };
    }
  }

  #halvesDisagree(index: number, half: 'v1' | 'v2'): MetainfoError {
    const { name } = this.#options.metainfo;
    return new MetainfoError(
      'HYBRID_MISMATCH',
      `Cannot use torrent ${name}: piece ${index} came with its ${half} hash and without its other one, ` +
        'so that its v1 and v2 halves describe different content',
    );
  }
}

/** The blocks whose leaf is not right, or that have something else than zeros where padding belongs. */
function wrongBlocks(
  bytes: Uint8Array,
  dataLength: number,
  isLeafRight: (block: number) => boolean,
): number[] {
  const wrong: number[] = [];
  for (let begin = 0; begin < bytes.length; begin += BLOCK_BYTES) {
    const block = begin / BLOCK_BYTES;
    const padding = bytes.subarray(Math.max(begin, dataLength), Math.min(begin + BLOCK_BYTES, bytes.length));
    const isRight = begin >= dataLength || isLeafRight(block);
    if (!isRight || padding.some((byte) => byte !== 0)) wrong.push(block);
  }
  return wrong;
}

function leafAt(leaves: Uint8Array, block: number): Uint8Array {
  return leaves.subarray(block * MERKLE_HASH_BYTES, (block + 1) * MERKLE_HASH_BYTES);
}

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

/** The number of wrong pieces whose leaf hashes are remembered. Beyond it, the oldest ones are forgotten. */
export const MAX_PROVEN_PIECES = 64;

/** The options of {@link WrongBlocks}. */
export interface WrongBlocksOptions {
  readonly metainfo: Metainfo;
  readonly makeTrees: MakeTrees;
  readonly queries: Pick<HashQueries, 'ask'>;
}

/** The origin of a wrong piece. */
export interface PieceSender {
  /** The source that sent all of it; `undefined` when there were several. It is not asked for the hashes. */
  readonly sender: BlockSource | undefined;
  /** Whether it was the first piece of that peer. Then others are not waited for as long, since they may be no better. */
  readonly isTrial: boolean;
}

/**
 * Finds the wrong blocks of a wrong v2 piece. It compares the hashes of its leaves with the right ones, which peers send and
 * the hash of the piece proves.
 *
 * @see BEP 52
 */
export class WrongBlocks {
  readonly #options: WrongBlocksOptions;
  /** The right leaf hashes of pieces by index, the oldest first. */
  readonly #leaves = new Map<number, Uint8Array>();

  constructor(options: WrongBlocksOptions) {
    this.#options = options;
  }

  /**
   * Finds the wrong blocks of a piece.
   *
   * @param bytes the bytes of a piece with a wrong hash, as peers sent them
   * @param sender the origin of the piece
   * @returns one wrong block at least; `undefined` when there is no v2 hash, or no peer sends the leaf hashes
   * @throws {MetainfoError} HYBRID_MISMATCH when the piece has the hash of one half of a hybrid torrent
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

  /** Returns the right leaf hashes of a piece, those of its data at least; `undefined` when no peer sends them. */
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

  /** Makes the requests for all leaf hashes of the data of a piece. */
  *#requestsFor(index: number, { dataLength, leafCount }: PieceRoot): Generator<HashRequest> {
    const { metainfo } = this.#options;
    const start = index * metainfo.pieceLength;
    const file = fileAt(metainfo, start);
    const firstLeaf = (start - file.offset) / BLOCK_BYTES;
    const length = Math.min(leafCount, MAX_HASH_RUN);
    // The proof ends below the root of the piece, which we know.
    const proofLayers = Math.log2(leafCount) - 1;
    for (let leaf = 0; leaf * BLOCK_BYTES < dataLength; leaf += length) {
      yield { piecesRoot: file.piecesRoot!, baseLayer: 0, index: firstLeaf + leaf, length, proofLayers };
    }
  }

  #halvesDisagree(index: number, half: 'v1' | 'v2'): MetainfoError {
    const { name } = this.#options.metainfo;
    return new MetainfoError(
      'HYBRID_MISMATCH',
      `Cannot use torrent ${name}: piece ${index} has its ${half} hash and not the other one, ` +
        'so the v1 and v2 halves of the torrent describe different content',
    );
  }
}

/** Finds the blocks with a wrong leaf hash, or with other bytes than zeros in the padding. */
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

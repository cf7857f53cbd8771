import { BLOCK_BYTES } from '../metainfo/index.ts';
import type { BlockRequest, PieceGeometry } from './block.ts';
import { MAX_ABANDONED_REQUESTS } from './limits.ts';

/**
 * Our requests to one peer. Each is either outstanding: its block is wanted, or abandoned: we gave it up, and an answer
 * may still be on its way. The same block may be both, when it was given up and asked for again.
 *
 * Our requests start at multiples of {@link BLOCK_BYTES}; a block is then one small integer, counted over the torrent,
 * and a look-up allocates nothing.
 */
export class OutstandingRequests {
  readonly #geometry: PieceGeometry;
  readonly #blocksPerPiece: number;
  /** Length by block, in the order of asking. */
  readonly #outstanding = new Map<number, number>();
  readonly #abandoned = new Map<number, number>();

  constructor(geometry: PieceGeometry) {
    this.#geometry = geometry;
    this.#blocksPerPiece = Math.ceil(geometry.pieceLength / BLOCK_BYTES);
  }

  /** How many blocks are wanted. */
  get size(): number {
    return this.#outstanding.size;
  }

  /** @throws {RangeError} when it is no block of the torrent as we cut it, or is outstanding already */
  add({ index, begin, length }: BlockRequest): void {
    const block = this.#block(index, begin);
    if (
      block === undefined ||
      length <= 0 ||
      length > BLOCK_BYTES ||
      begin + length > this.#geometry.pieceLengthAt(index)
    ) {
      throw new RangeError(`Cannot request ${length} bytes at ${begin} of piece ${index}: that is no block`);
    }
    if (this.#outstanding.has(block)) {
      throw new RangeError(`Cannot request the block at ${begin} of piece ${index}: it is outstanding`);
    }
    this.#outstanding.set(block, length);
  }

  isOutstanding(index: number, begin: number, length: number): boolean {
    const block = this.#block(index, begin);
    return block !== undefined && this.#outstanding.get(block) === length;
  }

  /** The block has come or was rejected. @returns whether it was outstanding */
  settle(index: number, begin: number, length: number): boolean {
    return this.#remove(this.#outstanding, index, begin, length);
  }

  /** A late answer to a request given up. @returns whether there was such a request */
  settleAbandoned(index: number, begin: number, length: number): boolean {
    return this.#remove(this.#abandoned, index, begin, length);
  }

  /** Gives a request up. @returns whether it was outstanding */
  abandon(request: BlockRequest): boolean {
    const { index, begin, length } = request;
    if (!this.settle(index, begin, length)) return false;
    if (this.#abandoned.size >= MAX_ABANDONED_REQUESTS) {
      const [oldest] = this.#abandoned.keys();
      this.#abandoned.delete(oldest!);
    }
    this.#abandoned.set(this.#block(index, begin)!, length);
    return true;
  }

  /** Those that are outstanding, oldest first. */
  *[Symbol.iterator](): IterableIterator<BlockRequest> {
    for (const [block, length] of this.#outstanding) {
      const index = Math.floor(block / this.#blocksPerPiece);
      yield { index, begin: (block % this.#blocksPerPiece) * BLOCK_BYTES, length };
    }
  }

  /** The number of a block; nothing for what cannot be one of our requests. */
  #block(index: number, begin: number): number | undefined {
    const blockInPiece = begin / BLOCK_BYTES;
    if (index >= this.#geometry.pieceCount || blockInPiece >= this.#blocksPerPiece) return undefined;
    if (!Number.isInteger(blockInPiece)) return undefined;
    return index * this.#blocksPerPiece + blockInPiece;
  }

  #remove(requests: Map<number, number>, index: number, begin: number, length: number): boolean {
    const block = this.#block(index, begin);
    return block !== undefined && requests.get(block) === length && requests.delete(block);
  }
}

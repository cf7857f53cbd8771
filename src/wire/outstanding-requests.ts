import { BLOCK_BYTES } from '../metainfo/index.ts';
import type { BlockRequest, PieceGeometry } from './block.ts';
import { MAX_ABANDONED_REQUESTS } from './limits.ts';

/**
 * Our requests to one peer. Each is either outstanding (its block is wanted) or abandoned (we have cancelled it, and an
 * answer may still be on its way). A block that was cancelled and requested again is both.
 *
 * Our requests start at multiples of {@link BLOCK_BYTES}, so that each block has one number in the torrent, and a look-up
 * allocates nothing.
 */
export class OutstandingRequests {
  readonly #geometry: PieceGeometry;
  readonly #blocksPerPiece: number;
  /** The length of each requested block by its number, in the order of the requests. */
  readonly #outstanding = new Map<number, number>();
  readonly #abandoned = new Map<number, number>();

  constructor(geometry: PieceGeometry) {
    this.#geometry = geometry;
    this.#blocksPerPiece = Math.ceil(geometry.pieceLength / BLOCK_BYTES);
  }

  /** The number of outstanding requests. */
  get size(): number {
    return this.#outstanding.size;
  }

  /** Adds a request. @throws {RangeError} when the torrent has no block like it, or it is outstanding already */
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

  /** Removes a request whose block has come or was rejected. @returns whether it was outstanding */
  settle(index: number, begin: number, length: number): boolean {
    return this.#remove(this.#outstanding, index, begin, length);
  }

  /** Removes an abandoned request for which a late answer has come. @returns whether there was one */
  settleAbandoned(index: number, begin: number, length: number): boolean {
    return this.#remove(this.#abandoned, index, begin, length);
  }

  /** Abandons a request. @returns whether it was outstanding */
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

  /** Iterates over the outstanding requests, the oldest first. */
  *[Symbol.iterator](): IterableIterator<BlockRequest> {
    for (const [block, length] of this.#outstanding) {
      const index = Math.floor(block / this.#blocksPerPiece);
      yield { index, begin: (block % this.#blocksPerPiece) * BLOCK_BYTES, length };
    }
  }

  /** Counts the number of a block in the torrent; `undefined` for one that we would not request. */
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

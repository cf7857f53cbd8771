import type { BlockRequest } from './block.ts';
import { MAX_QUEUED_REQUESTS } from './limits.ts';

/**
 * The queue of one peer's requests, with each block at most once. Requests are grouped by piece. The pieces, and the blocks
 * of each piece, are in the order of the requests.
 */
export class PeerRequests {
  readonly #pieceLength: number;
  readonly #byPiece = new Map<number, BlockRequest[]>();
  /** The offsets in the torrent of the requested blocks. */
  readonly #blocks = new Set<number>();

  constructor(pieceLength: number) {
    this.#pieceLength = pieceLength;
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** A live view of the requests by piece. */
  get byPiece(): ReadonlyMap<number, readonly BlockRequest[]> {
    return this.#byPiece;
  }

  /** Queues a request. @returns `false` when the queue is full, or has a request for the same block */
  add(request: BlockRequest): boolean {
    const key = this.#key(request);
    if (this.#blocks.size >= MAX_QUEUED_REQUESTS || this.#blocks.has(key)) return false;
    this.#blocks.add(key);
    const piece = this.#byPiece.get(request.index);
    if (piece === undefined) this.#byPiece.set(request.index, [request]);
    else piece.push(request);
    return true;
  }

  /** Removes a request that the peer has cancelled. @returns whether it was queued */
  remove(request: BlockRequest): boolean {
    const { index, begin, length } = request;
    // This check saves a search through the piece when a peer cancels requests that are not queued.
    if (!this.#blocks.has(this.#key(request))) return false;
    const piece = this.#byPiece.get(index) ?? [];
    const at = piece.findIndex((queued) => queued.begin === begin);
    if (piece[at]?.length !== length) return false;
    this.#removeAt(piece, at);
    return true;
  }

  /** Removes and returns the oldest request of the piece `index`, by default of the oldest piece. */
  take(index?: number): BlockRequest | undefined {
    const [oldest] = index === undefined ? this.#byPiece.keys() : [index];
    const piece = oldest === undefined ? undefined : this.#byPiece.get(oldest);
    return piece === undefined ? undefined : this.#removeAt(piece, 0);
  }

  /** Removes and returns all requests but those for the pieces in `kept`. */
  removeAllBut(kept: ReadonlySet<number>): BlockRequest[] {
    const removed = [...this.#byPiece.values()].flat().filter((request) => !kept.has(request.index));
    for (const request of removed) this.remove(request);
    return removed;
  }

  #removeAt(piece: BlockRequest[], at: number): BlockRequest {
    const [request] = at === 0 ? [piece.shift()!] : piece.splice(at, 1);
    this.#blocks.delete(this.#key(request!));
    if (piece.length === 0) this.#byPiece.delete(request!.index);
    return request!;
  }

  #key({ index, begin }: BlockRequest): number {
    return index * this.#pieceLength + begin;
  }
}

import type { BlockRequest } from './block.ts';
import { MAX_QUEUED_REQUESTS } from './limits.ts';

/**
 * The requests of one peer that wait for us, each block at most once: piece by piece, the pieces and the blocks of each
 * in the order in which they were asked for.
 */
export class PeerRequests {
  readonly #pieceLength: number;
  readonly #byPiece = new Map<number, BlockRequest[]>();
  /** By offset of the block in the torrent. */
  readonly #blocks = new Set<number>();

  constructor(pieceLength: number) {
    this.#pieceLength = pieceLength;
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** The pieces of which blocks are asked for, a live view. */
  get byPiece(): ReadonlyMap<number, readonly BlockRequest[]> {
    return this.#byPiece;
  }

  /** @returns whether there was room for it, and no request for the same block */
  add(request: BlockRequest): boolean {
    const key = this.#key(request);
    if (this.#blocks.size >= MAX_QUEUED_REQUESTS || this.#blocks.has(key)) return false;
    this.#blocks.add(key);
    const piece = this.#byPiece.get(request.index);
    if (piece === undefined) this.#byPiece.set(request.index, [request]);
    else piece.push(request);
    return true;
  }

  /** @returns whether it was queued */
  remove(request: BlockRequest): boolean {
    const { index, begin, length } = request;
    // Without a look through the piece for each cancel of what is not there.
    if (!this.#blocks.has(this.#key(request))) return false;
    const piece = this.#byPiece.get(index) ?? [];
    const at = piece.findIndex((queued) => queued.begin === begin);
    if (piece[at]?.length !== length) return false;
    this.#removeAt(piece, at);
    return true;
  }

  /** Takes the oldest out: of the piece `index`, or of the oldest piece. */
  take(index?: number): BlockRequest | undefined {
    const [oldest] = index === undefined ? this.#byPiece.keys() : [index];
    const piece = oldest === undefined ? undefined : this.#byPiece.get(oldest);
    return piece === undefined ? undefined : this.#removeAt(piece, 0);
  }

  /** Takes all out but those for the pieces in `kept`. */
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

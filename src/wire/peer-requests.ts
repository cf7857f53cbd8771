import type { BlockRequest } from './block.ts';
import { MAX_QUEUED_REQUESTS } from './limits.ts';

/** The requests of one peer that wait for us, first come first served, each block at most once. */
export class PeerRequests {
  readonly #pieceLength: number;
  /** By offset of the block in the torrent. */
  readonly #queue = new Map<number, BlockRequest>();
  /** One iterator goes through the queue as it grows: starting anew would step over all that was deleted before. */
  #next = this.#queue.values();

  constructor(pieceLength: number) {
    this.#pieceLength = pieceLength;
  }

  get size(): number {
    return this.#queue.size;
  }

  /** @returns whether there was room for it, and no request for the same block */
  add(request: BlockRequest): boolean {
    const key = this.#key(request);
    if (this.#queue.size >= MAX_QUEUED_REQUESTS || this.#queue.has(key)) return false;
    this.#queue.set(key, request);
    return true;
  }

  /** @returns whether it was queued */
  remove(request: BlockRequest): boolean {
    const key = this.#key(request);
    return this.#queue.get(key)?.length === request.length && this.#queue.delete(key);
  }

  /** Takes the oldest out. */
  take(): BlockRequest | undefined {
    if (this.#queue.size === 0) return undefined;
    let next = this.#next.next();
    if (next.done === true) {
      this.#next = this.#queue.values();
      next = this.#next.next();
    }
    const request = next.value!;
    this.#queue.delete(this.#key(request));
    return request;
  }

  /** The oldest for which this holds; it stays. */
  find(holds: (request: BlockRequest) => boolean): BlockRequest | undefined {
    for (const request of this.#queue.values()) if (holds(request)) return request;
    return undefined;
  }

  /** Takes all out but those for the pieces in `kept`. */
  removeAllBut(kept: ReadonlySet<number>): BlockRequest[] {
    const removed = [...this.#queue.values()].filter((request) => !kept.has(request.index));
    for (const request of removed) this.#queue.delete(this.#key(request));
    return removed;
  }

  #key({ index, begin }: BlockRequest): number {
    return index * this.#pieceLength + begin;
  }
}

import type { ResponseMemory } from '../../../../tracker-protocol/index.ts';
import { HEAD_ROOM } from '../http-response.ts';

/** The size of the memory: enough for some hundred announces, and little enough to stay in the processor's cache. */
const RECYCLED_BYTES = 128 * 1024;

/** Memory for responses that are written before the next ones are made: the same bytes are used again and again. */
export class RecycledMemory implements ResponseMemory {
  readonly room = HEAD_ROOM;
  start = 0;
  #bytes = new Uint8Array(RECYCLED_BYTES);
  #used = 0;

  take(size: number): Uint8Array {
    const end = this.#used + size;
    if (end > RECYCLED_BYTES) {
      this.start = 0;
      return new Uint8Array(size);
    }
    this.start = this.#used;
    this.#used = end;
    return this.#bytes;
  }

  /** Makes all memory available again, since nothing that was taken is used any more. */
  recycle(): void {
    this.#used = 0;
  }

  /** Goes on with new memory, since a part of the old one will be used for longer. */
  renew(): void {
    this.#bytes = new Uint8Array(RECYCLED_BYTES);
    this.#used = 0;
  }
}

import type { ResponseMemory } from '../../../../tracker-protocol/index.ts';
import { HEAD_ROOM } from '../http-response.ts';

/** As much as the answers of some hundred announces need: it is to stay in the processor's cache. */
const RECYCLED_BYTES = 128 * 1024;

/** Memory for answers that are written before the next ones are made: the same again and again. */
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

  /** All that was taken is of no use any more. */
  recycle(): void {
    this.#used = 0;
  }

  /** Something that was taken will be used for longer: goes on with other memory. */
  renew(): void {
    this.#bytes = new Uint8Array(RECYCLED_BYTES);
    this.#used = 0;
  }
}

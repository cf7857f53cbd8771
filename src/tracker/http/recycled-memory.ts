import type { AnswerMemory } from '../../tracker-protocol/index.ts';
import { HEAD_ROOM } from './http-response.ts';

/** As much as the answers of some hundred announces need: it is to stay in the processor's cache. */
const RECYCLED_BYTES = 128 * 1024;

/** Memory for answers that are written before the next ones are made: the same again and again. */
export class RecycledMemory implements AnswerMemory {
  readonly room = HEAD_ROOM;
  #bytes = Buffer.allocUnsafeSlow(RECYCLED_BYTES);
  #used = 0;

  take(size: number): Buffer {
    const end = this.#used + size;
    if (end > RECYCLED_BYTES) return Buffer.allocUnsafe(size);
    const taken = this.#bytes.subarray(this.#used, end);
    this.#used = end;
    return taken;
  }

  /** All that was taken is of no use any more. */
  recycle(): void {
    this.#used = 0;
  }

  /** Something that was taken will be used for longer: goes on with other memory. */
  renew(): void {
    this.#bytes = Buffer.allocUnsafeSlow(RECYCLED_BYTES);
    this.#used = 0;
  }
}

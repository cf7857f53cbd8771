import { MAX_REQUEST_HEAD_BYTES } from './request-head.ts';

/**
 * The bytes of a connection that were read and are not answered yet: the start of a request, or requests that wait. A head
 * is not parsed again for every byte that arrives, for then the work would grow with the square of its length.
 */
export class UnreadBytes {
  bytes: Buffer = EMPTY;
  /** The number of bytes at which parsing an unfinished head again is worth it. */
  #readAt = 0;

  /**
   * Adds bytes that have arrived.
   *
   * @returns all bytes when parsing them is worth it: the head may have ended, or is twice as long as before; otherwise
   *   `undefined`
   */
  add(chunk: Buffer): Buffer | undefined {
    const known = this.bytes.length;
    if (known === 0) return chunk;
    if (chunk.length === 0) return this.bytes;
    this.bytes = Buffer.concat([this.bytes, chunk]);
    const mayHaveEnded = this.bytes.indexOf(HEAD_END, Math.max(0, known - HEAD_END.length)) !== -1;
    return mayHaveEnded || this.bytes.length >= this.#readAt ? this.bytes : undefined;
  }

  /** Keeps the bytes that could not be used yet. */
  keep(rest: Buffer): void {
    // A copy is made so that a few bytes do not keep the large buffer that they came in.
    const isSmallPart = rest.length * 2 < rest.buffer.byteLength;
    this.bytes = rest.length === 0 ? EMPTY : isSmallPart ? Buffer.from(rest) : rest;
    this.#readAt = Math.min(rest.length * 2, MAX_REQUEST_HEAD_BYTES + 1);
  }
}

const EMPTY = Buffer.alloc(0);
const HEAD_END = Buffer.from('\r\n\r\n');

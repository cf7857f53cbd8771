import { MAX_REQUEST_HEAD_BYTES } from './request-head.ts';

/**
 * What was read of a connection and is not answered yet: the start of a request, or requests that wait. A head is not
 * read again from its start for every byte that comes: that would make the work grow with the square of what is sent.
 */
export class UnreadBytes {
  bytes: Buffer = EMPTY;
  /** How many bytes there have to be before it is worth reading a head again that has not ended. */
  #readAt = 0;

  /**
   * Adds what has come.
   *
   * @returns all of it, when it is worth reading: the head may have ended, or there is twice as much of it as before
   */
  add(chunk: Buffer): Buffer | undefined {
    const known = this.bytes.length;
    if (known === 0) return chunk;
    if (chunk.length === 0) return this.bytes;
    this.bytes = Buffer.concat([this.bytes, chunk]);
    const mayHaveEnded = this.bytes.indexOf(HEAD_END, Math.max(0, known - HEAD_END.length)) !== -1;
    return mayHaveEnded || this.bytes.length >= this.#readAt ? this.bytes : undefined;
  }

  /** Keeps what was of no use yet. */
  keep(rest: Buffer): void {
    // A copy, so that a few bytes do not hold on to the large buffer they came in.
    const isSmallPart = rest.length * 2 < rest.buffer.byteLength;
    this.bytes = rest.length === 0 ? EMPTY : isSmallPart ? Buffer.from(rest) : rest;
    this.#readAt = Math.min(rest.length * 2, MAX_REQUEST_HEAD_BYTES + 1);
  }
}

const EMPTY = Buffer.alloc(0);
const HEAD_END = Buffer.from('\r\n\r\n');

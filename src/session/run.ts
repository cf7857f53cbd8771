import {
  BLOCK_BYTES,
  type BlockRequest,
  encodePieceHeader,
  PIECE_HEADER_BYTES,
  writePieceHeader,
} from '../wire/index.ts';

/** The bytes of a piece that are read from disk at once. */
export const READ_RUN_BYTES = 512 * 1024;

const MESSAGE_BYTES = PIECE_HEADER_BYTES + BLOCK_BYTES;

/** The memory for neighbouring blocks of one piece. Before each block there is room for the header of its message. */
export class RunBuffer {
  /** The bytes of all blocks, without headers. */
  readonly length: number;
  readonly bytes: Uint8Array;
  /** The part of `bytes` that each block takes. */
  readonly blocks: readonly Uint8Array[];

  constructor(length: number) {
    const count = Math.ceil(length / BLOCK_BYTES);
    const bytes = Buffer.allocUnsafeSlow(length + count * PIECE_HEADER_BYTES);
    this.length = length;
    this.bytes = bytes;
    this.blocks = Array.from({ length: count }, (_, at) => {
      const start = at * MESSAGE_BYTES + PIECE_HEADER_BYTES;
      return bytes.subarray(start, start + BLOCK_BYTES);
    });
  }
}

/**
 * Neighbouring blocks of a piece that were read, or are being read, at once. In memory they are the messages that carry
 * them, so that any number of neighbours can leave as one piece of memory, to any number of peers.
 */
export class Run {
  readonly buffer: RunBuffer;
  /** Settles when the blocks are read; `undefined` once they are. */
  loading: Promise<void> | undefined;
  readonly #begin: number;
  readonly #onFree: (buffer: RunBuffer) => void;
  /** The number of users of the memory: the cache, and sockets that still send from it. */
  #users = 1;

  /** @param begin the offset of the first block in piece `index` */
  constructor(index: number, begin: number, buffer: RunBuffer, onFree: (buffer: RunBuffer) => void) {
    this.buffer = buffer;
    this.#begin = begin;
    this.#onFree = onFree;
    for (const [at, { length }] of buffer.blocks.entries()) {
      writePieceHeader(buffer.bytes, at * MESSAGE_BYTES, { index, begin: begin + at * BLOCK_BYTES, length });
    }
  }

  /** Returns the message that a request asks for; `undefined` when it asks for anything but one of the blocks. */
  messageFor({ begin, length }: BlockRequest): Uint8Array | undefined {
    const at = (begin - this.#begin) / BLOCK_BYTES;
    if (this.buffer.blocks[at]?.length !== length) return undefined;
    const start = at * MESSAGE_BYTES;
    return this.buffer.bytes.subarray(start, start + PIECE_HEADER_BYTES + length);
  }

  /** Makes the message for a request of any range of these bytes, in memory of its own. The blocks must have been read. */
  copyFor(request: BlockRequest): Uint8Array {
    const start = request.begin - this.#begin;
    const end = start + request.length;
    const first = Math.floor(start / BLOCK_BYTES);
    const blocks = this.buffer.blocks.slice(first, Math.ceil(end / BLOCK_BYTES));
    const data = Buffer.concat(blocks).subarray(start - first * BLOCK_BYTES, end - first * BLOCK_BYTES);
    return Buffer.concat([encodePieceHeader(request), data]);
  }

  /** Keeps the bytes as they are until {@link release} was called as often as this. */
  retain(): void {
    this.#users += 1;
  }

  /** Undoes one call of {@link retain}. After the last one the memory is free. */
  readonly release = (): void => {
    this.#users -= 1;
    if (this.#users === 0) this.#onFree(this.buffer);
  };
}

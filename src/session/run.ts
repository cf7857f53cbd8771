import {
  BLOCK_BYTES,
  type BlockRequest,
  encodePieceHeader,
  PIECE_HEADER_BYTES,
  writePieceHeader,
} from '../wire/index.ts';

/** Bytes of pieces read from disk at once. */
export const READ_RUN_BYTES = 512 * 1024;

const MESSAGE_BYTES = PIECE_HEADER_BYTES + BLOCK_BYTES;

/** Memory for blocks of one piece as they go over the wire: before each there is room for its header. */
export class RunBuffer {
  /** Bytes of all blocks. */
  readonly length: number;
  readonly bytes: Uint8Array;
  /** Where the blocks stand in it. */
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
 * Blocks of a piece that were read, or are being read, in one go. They stand in memory as the messages that will carry
 * them, so that any number of them leaves as one piece of memory, to whoever asked.
 */
export class Run {
  readonly buffer: RunBuffer;
  /** Settles when the blocks are there; `undefined` once they are. */
  loading: Promise<void> | undefined;
  readonly #begin: number;
  readonly #onFree: (buffer: RunBuffer) => void;
  /** Sockets that still send from it, and the cache itself. */
  #users = 1;

  /** @param begin where in piece `index` the first block begins */
  constructor(index: number, begin: number, buffer: RunBuffer, onFree: (buffer: RunBuffer) => void) {
    this.buffer = buffer;
    this.#begin = begin;
    this.#onFree = onFree;
    for (const [at, { length }] of buffer.blocks.entries()) {
      writePieceHeader(buffer.bytes, at * MESSAGE_BYTES, { index, begin: begin + at * BLOCK_BYTES, length });
    }
  }

  /** @returns the message that answers the request; nothing when it asks for something else than one block */
  messageFor({ begin, length }: BlockRequest): Uint8Array | undefined {
    const at = (begin - this.#begin) / BLOCK_BYTES;
    if (this.buffer.blocks[at]?.length !== length) return undefined;
    const start = at * MESSAGE_BYTES;
    return this.buffer.bytes.subarray(start, start + PIECE_HEADER_BYTES + length);
  }

  /** The same for any range of its bytes, in memory of its own: once the blocks are there. */
  copyFor(request: BlockRequest): Uint8Array {
    const start = request.begin - this.#begin;
    const end = start + request.length;
    const first = Math.floor(start / BLOCK_BYTES);
    const blocks = this.buffer.blocks.slice(first, Math.ceil(end / BLOCK_BYTES));
    const data = Buffer.concat(blocks).subarray(start - first * BLOCK_BYTES, end - first * BLOCK_BYTES);
    return Buffer.concat([encodePieceHeader(request), data]);
  }

  /** Keeps its bytes as they are until {@link release}. */
  retain(): void {
    this.#users += 1;
  }

  readonly release = (): void => {
    this.#users -= 1;
    if (this.#users === 0) this.#onFree(this.buffer);
  };
}

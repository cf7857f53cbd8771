/** The bytes of pieces that are received, checked and written at a time, for all torrents of a session. */
export const DEFAULT_PIECE_MEMORY_BYTES = 32 * 1024 * 1024;
/**
 * The bytes of the longest piece that can be downloaded. A piece is held in memory until it is checked and written. Two
 * pieces are, whatever the limit, so that a download of pieces of this length needs 256 MiB for them.
 */
export const MAX_DOWNLOADED_PIECE_LENGTH = 128 * 1024 * 1024;
/** The number of pieces that may be under way whatever the limit. Otherwise a torrent of large pieces would stand still. */
const MIN_PIECES = 2;

/** The bytes of memory that the buffers of short pieces share. */
const SLAB_BYTES = 1024 * 1024;

/** The part of the memory that the pieces of peers may take that are not proven yet. One such piece is always possible. */
export const TRIAL_SHARE = 0.75;

/** The bytes of a piece, in memory that all threads share, so that they can check and write it without a copy. */
export type PieceBytes = Uint8Array<SharedArrayBuffer>;

/**
 * The buffers in which pieces are put together, which are the only place where received blocks wait. When they are used up,
 * no further piece is started.
 *
 * Invariant: every buffer is either taken by exactly one piece or free.
 */
export class PieceBuffers {
  readonly #limit: number;
  readonly #freeByLength = new Map<number, PieceBytes[]>();
  #takenBytes = 0;
  #takenCount = 0;
  /** The bytes of all buffers, taken and free. */
  #allocatedBytes = 0;

  constructor(limitBytes = DEFAULT_PIECE_MEMORY_BYTES) {
    this.#limit = limitBytes;
  }

  /** The bytes of the buffers that are taken. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /**
   * Tells whether a piece may be started.
   *
   * @param length its bytes
   * @param trials for a peer that is not proven, the number of pieces that such peers have already. They never have more
   *   than {@link TRIAL_SHARE} of the memory, so that a proven peer finds room. 0 for a proven peer
   */
  canTake(length: number, trials = 0): boolean {
    if (trials > 0 && (trials + 1) * length > this.#limit * TRIAL_SHARE) return false;
    return this.#takenCount < MIN_PIECES || this.#takenBytes + length <= this.#limit;
  }

  /** Takes a buffer of `length` bytes. Its bytes are of any value. */
  take(length: number): PieceBytes {
    this.#takenBytes += length;
    this.#takenCount += 1;
    const free = this.#freeByLength.get(length)?.pop();
    if (free !== undefined) return free;
    this.#makeRoom(length);
    // The system takes longer to give memory than to copy a short piece into it.
    const count = Math.max(1, Math.floor(Math.min(SLAB_BYTES, this.#limit - this.#allocatedBytes) / length));
    this.#allocatedBytes += count * length;
    const slab = new SharedArrayBuffer(count * length);
    for (let at = count - 1; at > 0; at -= 1) this.#free(new Uint8Array(slab, at * length, length));
    return new Uint8Array(slab, 0, length);
  }

  /** Gives back a buffer that {@link take} returned, and that is not used any more. */
  give(buffer: PieceBytes): void {
    this.#takenBytes -= buffer.length;
    this.#takenCount -= 1;
    this.#free(buffer);
  }

  #free(buffer: PieceBytes): void {
    const free = this.#freeByLength.get(buffer.length);
    if (free === undefined) this.#freeByLength.set(buffer.length, [buffer]);
    else free.push(buffer);
  }

  /** Drops free buffers of other lengths, so that torrents with different piece lengths share one limit. */
  #makeRoom(length: number): void {
    for (const [freeLength, free] of this.#freeByLength) {
      while (free.length > 0 && this.#allocatedBytes + length > this.#limit) {
        free.pop();
        this.#allocatedBytes -= freeLength;
      }
    }
  }
}

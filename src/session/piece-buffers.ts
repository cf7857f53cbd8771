/** Bytes of pieces being received, checked and written, over all torrents of a session. */
export const DEFAULT_PIECE_MEMORY_BYTES = 32 * 1024 * 1024;
/**
 * Bytes of the longest piece that can be downloaded: a piece is held in memory until it is checked and written. Two of
 * them are at a time, whatever the memory for pieces, so that a download of such pieces takes 256 MiB for them.
 */
export const MAX_DOWNLOADED_PIECE_LENGTH = 128 * 1024 * 1024;
/** However small the memory, this many pieces may be under way, or a torrent of large pieces would stand still. */
const MIN_PIECES = 2;

/** The share of the memory that pieces of peers may have which have sent no right piece yet; one such piece at least. */
export const TRIAL_SHARE = 0.75;

/** Bytes of a piece, in memory that a thread can check and write as it stands. */
export type PieceBytes = Uint8Array<SharedArrayBuffer>;

/**
 * The buffers in which pieces are put together, and the only place where received blocks wait. When they are used up
 * no further piece is started.
 *
 * Invariant: every buffer is either taken by exactly one piece or free.
 */
export class PieceBuffers {
  readonly #limit: number;
  readonly #freeByLength = new Map<number, PieceBytes[]>();
  #takenBytes = 0;
  #takenCount = 0;
  /** Bytes of all buffers, taken and free. */
  #allocatedBytes = 0;

  constructor(limitBytes = DEFAULT_PIECE_MEMORY_BYTES) {
    this.#limit = limitBytes;
  }

  /** Bytes of the buffers that are taken. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /**
   * Whether a piece may be started.
   *
   * @param trials when a peer without proof is to be asked for it: how many pieces such peers have already. They never
   *   have more than {@link TRIAL_SHARE} of the memory, so that a proven peer finds room
   */
  canTake(length: number, trials = 0): boolean {
    if (trials > 0 && (trials + 1) * length > this.#limit * TRIAL_SHARE) return false;
    return this.#takenCount < MIN_PIECES || this.#takenBytes + length <= this.#limit;
  }

  /** @returns `length` bytes with whatever they held before */
  take(length: number): PieceBytes {
    this.#takenBytes += length;
    this.#takenCount += 1;
    const free = this.#freeByLength.get(length)?.pop();
    if (free !== undefined) return free;
    this.#makeRoom(length);
    this.#allocatedBytes += length;
    return new Uint8Array(new SharedArrayBuffer(length));
  }

  /** Takes back what {@link take} gave; nobody uses it any more. */
  give(buffer: PieceBytes): void {
    const { length } = buffer;
    this.#takenBytes -= length;
    this.#takenCount -= 1;
    const free = this.#freeByLength.get(length);
    if (free === undefined) this.#freeByLength.set(length, [buffer]);
    else free.push(buffer);
  }

  /** Lets free buffers of other lengths go, so that torrents of different piece lengths share one limit. */
  #makeRoom(length: number): void {
    for (const [freeLength, free] of this.#freeByLength) {
      while (free.length > 0 && this.#allocatedBytes + length > this.#limit) {
        free.pop();
        this.#allocatedBytes -= freeLength;
      }
    }
  }
}

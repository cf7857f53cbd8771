import { READ_RUN_BYTES, Run, RunBuffer } from './run.ts';

/** Bytes kept of what was read for uploading, over all torrents of a session. */
export const DEFAULT_READ_CACHE_BYTES = 32 * 1024 * 1024;

/** Bytes of runs that sockets still send from though the cache has let go of them; beyond, blocks are read one by one. */
export const MAX_PINNED_BYTES = 32 * 1024 * 1024;

/** Reads from `offset` of a torrent's stream on, into one after the other. */
export type ReadStream = (offset: number, into: readonly Uint8Array[]) => Promise<void>;

/** A piece to read from: only a whole, checked piece is ever read. */
export interface ReadablePiece {
  readonly index: number;
  /** Where it begins in the torrent's stream. */
  readonly offset: number;
  readonly length: number;
}

/**
 * What was read for uploading. Blocks come from disk in runs of {@link READ_RUN_BYTES}, so that a leecher that asks
 * for one block after the other, or many that ask for the same, cost one read. Least recently used runs go first.
 *
 * A run's memory is used again once neither the cache nor a socket needs it: allocating anew for each would keep the
 * garbage collector busy.
 */
export class ReadCache {
  readonly #limit: number;
  /** By owner and offset, in the order of use. */
  readonly #runs = new Map<string, Run>();
  readonly #spare: RunBuffer[] = [];
  /** What was asked for last, as one block follows the other: what makes up its key, and the run. */
  #latest: { readonly owner: string; readonly offset: number; readonly run: Run } | undefined;
  #bytes = 0;
  /** Bytes of all buffers: in the cache, spare, and those that only a socket still sends from. */
  #allocatedBytes = 0;
  #loads = 0;

  constructor(limitBytes = DEFAULT_READ_CACHE_BYTES) {
    this.#limit = limitBytes;
  }

  /** Bytes held now. */
  get size(): number {
    return this.#bytes;
  }

  /** How many runs were read so far. */
  get loads(): number {
    return this.#loads;
  }

  /**
   * Whether peers hold so much of what the cache has let go of that they are to get blocks in memory of their own: a
   * block that somebody does not take keeps its whole run.
   */
  get isCrowded(): boolean {
    return this.#allocatedBytes > this.#limit + MAX_PINNED_BYTES;
  }

  /**
   * The run that holds the byte at `begin` of a piece; it is read if it is not there. Whoever sends from it
   * {@link Run.retain | retains} it until the bytes have left.
   *
   * @param owner names the torrent
   */
  runAt(owner: string, piece: ReadablePiece, begin: number, readStream: ReadStream): Run {
    const runBegin = begin - (begin % READ_RUN_BYTES);
    const offset = piece.offset + runBegin;
    if (this.#latest?.offset === offset && this.#latest.owner === owner) return this.#latest.run;
    const run = this.#find(owner, piece, runBegin, readStream);
    this.#latest = { owner, offset, run };
    return run;
  }

  /** Forgets what was read for a torrent. */
  drop(owner: string): void {
    for (const key of this.#runs.keys()) {
      if (key.startsWith(`${owner}:`)) this.#delete(key);
    }
  }

  #find(owner: string, piece: ReadablePiece, runBegin: number, readStream: ReadStream): Run {
    const key = `${owner}:${piece.offset + runBegin}`;
    const known = this.#runs.get(key);
    if (known !== undefined) {
      this.#runs.delete(key);
      this.#runs.set(key, known);
      return known;
    }
    return this.#load(key, piece, runBegin, readStream);
  }

  #load(key: string, piece: ReadablePiece, begin: number, readStream: ReadStream): Run {
    const length = Math.min(READ_RUN_BYTES, piece.length - begin);
    this.#loads += 1;
    this.#makeRoom(length);
    const run = new Run(piece.index, begin, this.#allocate(length), (buffer) => this.#free(buffer));
    this.#runs.set(key, run);
    this.#bytes += run.buffer.length;
    run.retain();
    run.loading = readStream(piece.offset + begin, run.buffer.blocks)
      .then(
        () => {
          run.loading = undefined;
        },
        (thrown: unknown) => {
          if (this.#runs.get(key) === run) this.#delete(key);
          throw thrown;
        },
      )
      .finally(run.release);
    return run;
  }

  #allocate(length: number): RunBuffer {
    const spare = length === READ_RUN_BYTES ? this.#spare.pop() : undefined;
    if (spare !== undefined) return spare;
    this.#allocatedBytes += length;
    return new RunBuffer(length);
  }

  #free(buffer: RunBuffer): void {
    const isWhole = buffer.length === READ_RUN_BYTES;
    const held = this.#bytes + this.#spare.length * READ_RUN_BYTES;
    if (isWhole && held + READ_RUN_BYTES <= this.#limit) this.#spare.push(buffer);
    else this.#allocatedBytes -= buffer.length;
  }

  #makeRoom(length: number): void {
    for (const key of this.#runs.keys()) {
      if (this.#bytes + length <= this.#limit) return;
      this.#delete(key);
    }
  }

  #delete(key: string): void {
    const run = this.#runs.get(key);
    if (run === undefined) return;
    this.#runs.delete(key);
    this.#bytes -= run.buffer.length;
    if (this.#latest?.run === run) this.#latest = undefined;
    run.release();
  }
}

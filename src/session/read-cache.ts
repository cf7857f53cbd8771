import { READ_RUN_BYTES, Run, RunBuffer } from './run.ts';

/** The bytes read for uploading that are kept, for all torrents of a session. */
export const DEFAULT_READ_CACHE_BYTES = 32 * 1024 * 1024;

/** The bytes of runs that the cache has dropped and sockets still send from. Beyond, blocks are read one by one. */
export const MAX_PINNED_BYTES = 32 * 1024 * 1024;

/** A function that reads bytes of a torrent's stream from `offset` on, and fills the parts of memory one after the other. */
export type ReadStream = (offset: number, into: readonly Uint8Array[]) => Promise<void>;

/** A piece to read from, which is whole and verified. */
export interface ReadablePiece {
  readonly index: number;
  /** The offset of its first byte in the torrent's stream. */
  readonly offset: number;
  readonly length: number;
}

/**
 * A cache of the bytes that were read for uploading. Blocks are read from disk in runs of {@link READ_RUN_BYTES}, so that
 * one read serves a leecher that requests one block after the other, or many leechers that request the same block. The
 * least recently used runs are dropped first.
 *
 * The memory of a run is used again when neither the cache nor a socket needs it. New memory for each run would keep the
 * garbage collector busy.
 */
export class ReadCache {
  readonly #limit: number;
  /** The runs by owner and offset, the least recently used first. */
  readonly #runs = new Map<string, Run>();
  readonly #spare: RunBuffer[] = [];
  /** The run that was requested last, with the parts of its key. The next block is mostly one of the same run. */
  #latest: { readonly owner: string; readonly offset: number; readonly run: Run } | undefined;
  #bytes = 0;
  /** The bytes of all buffers: in the cache, spare, or only a socket still sends from them. */
  #allocatedBytes = 0;
  #loads = 0;

  constructor(limitBytes = DEFAULT_READ_CACHE_BYTES) {
    this.#limit = limitBytes;
  }

  /** The bytes of all runs in the cache. */
  get size(): number {
    return this.#bytes;
  }

  /** The number of runs that were read so far. */
  get loads(): number {
    return this.#loads;
  }

  /**
   * Whether sockets hold so many bytes of dropped runs that further blocks are to be read into memory of their own. A block
   * that a peer does not take keeps its whole run in memory.
   */
  get isCrowded(): boolean {
    return this.#allocatedBytes > this.#limit + MAX_PINNED_BYTES;
  }

  /**
   * Returns the run with the byte at `begin` of a piece, and begins to read it if it is not in the cache. The caller
   * {@link Run.retain | retains} it until the bytes that it sends have left.
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

  /** Drops the runs of a torrent. */
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

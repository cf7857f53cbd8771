/** Bytes kept of what was read for uploading, over all torrents of a session. */
export const DEFAULT_READ_CACHE_BYTES = 32 * 1024 * 1024;
/** Bytes read from disk at once: a run of blocks of one piece. */
export const READ_RUN_BYTES = 512 * 1024;

/** Reads `into.length` bytes from `offset` of a torrent's stream. */
export type ReadStream = (offset: number, into: Uint8Array) => Promise<void>;

/** A piece to read from: only a whole, checked piece is ever read. */
export interface ReadablePiece {
  /** Where it begins in the torrent's stream. */
  readonly offset: number;
  readonly length: number;
}

/** Bytes of a piece that were read, or are being read, in one go. */
export class Run {
  readonly bytes: Uint8Array;
  /** Settles when `bytes` are there; `undefined` once they are. */
  loading: Promise<void> | undefined;
  readonly #onFree: (bytes: Uint8Array) => void;
  /** Sockets that still send from it, and the cache itself. */
  #users = 1;

  constructor(bytes: Uint8Array, onFree: (bytes: Uint8Array) => void) {
    this.bytes = bytes;
    this.#onFree = onFree;
  }

  /** Keeps `bytes` as they are until {@link release}. */
  retain(): void {
    this.#users += 1;
  }

  readonly release = (): void => {
    this.#users -= 1;
    if (this.#users === 0) this.#onFree(this.bytes);
  };
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
  readonly #spare: Uint8Array[] = [];
  #bytes = 0;

  constructor(limitBytes = DEFAULT_READ_CACHE_BYTES) {
    this.#limit = limitBytes;
  }

  /** Bytes held now. */
  get size(): number {
    return this.#bytes;
  }

  /**
   * The run that holds the byte at `begin` of a piece; it is read if it is not there. Whoever sends from it
   * {@link Run.retain | retains} it until the bytes have left.
   *
   * @param owner names the torrent
   */
  runAt(owner: string, piece: ReadablePiece, begin: number, readStream: ReadStream): Run {
    const runBegin = begin - (begin % READ_RUN_BYTES);
    const key = `${owner}:${piece.offset + runBegin}`;
    const known = this.#runs.get(key);
    if (known !== undefined) {
      this.#runs.delete(key);
      this.#runs.set(key, known);
      return known;
    }
    const run = this.#load(
      key,
      piece.offset + runBegin,
      Math.min(READ_RUN_BYTES, piece.length - runBegin),
      readStream,
    );
    this.#trim(key);
    return run;
  }

  /** Forgets what was read for a torrent. */
  drop(owner: string): void {
    for (const key of this.#runs.keys()) {
      if (key.startsWith(`${owner}:`)) this.#delete(key);
    }
  }

  #load(key: string, offset: number, length: number, readStream: ReadStream): Run {
    const run = new Run(this.#allocate(length), (bytes) => this.#free(bytes));
    this.#runs.set(key, run);
    this.#bytes += length;
    run.retain();
    run.loading = readStream(offset, run.bytes)
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

  #allocate(length: number): Uint8Array {
    if (length < READ_RUN_BYTES) return new Uint8Array(length);
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(length);
  }

  #free(bytes: Uint8Array): void {
    if (bytes.length === READ_RUN_BYTES && this.#spare.length * READ_RUN_BYTES < this.#limit)
      this.#spare.push(bytes);
  }

  #trim(newest: string): void {
    for (const key of this.#runs.keys()) {
      if (this.#bytes <= this.#limit || key === newest) return;
      this.#delete(key);
    }
  }

  #delete(key: string): void {
    const run = this.#runs.get(key);
    if (run === undefined) return;
    this.#runs.delete(key);
    this.#bytes -= run.bytes.length;
    run.release();
  }
}

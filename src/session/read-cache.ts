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

interface Run {
  readonly bytes: Uint8Array;
  /** Settles when `bytes` are there; `undefined` when they are. */
  loading: Promise<void> | undefined;
}

/**
 * What was read for uploading: blocks come from disk in runs of {@link READ_RUN_BYTES}, so that a leecher that asks
 * for one block after the other, or many that ask for the same, cost one read. Least recently used runs go first.
 */
export class ReadCache {
  readonly #limit: number;
  /** By owner and offset, in the order of use. */
  readonly #runs = new Map<string, Run>();
  #bytes = 0;

  constructor(limitBytes = DEFAULT_READ_CACHE_BYTES) {
    this.#limit = limitBytes;
  }

  /** Bytes held now. */
  get size(): number {
    return this.#bytes;
  }

  /**
   * Gives `[begin, begin + length)` of a piece.
   *
   * @param owner names the torrent
   * @returns a view that is never written to again; at once when it was there already
   */
  read(
    owner: string,
    piece: ReadablePiece,
    begin: number,
    length: number,
    readStream: ReadStream,
  ): Uint8Array | Promise<Uint8Array> {
    const runBegin = begin - (begin % READ_RUN_BYTES);
    const run = this.#run(owner, piece, runBegin, readStream);
    const inRun = run.bytes.subarray(begin - runBegin, begin - runBegin + length);
    if (inRun.length === length) return run.loading === undefined ? inRun : run.loading.then(() => inRun);
    return this.#readAcross(owner, piece, begin, length, readStream);
  }

  /** Forgets what was read for a torrent. */
  drop(owner: string): void {
    for (const key of this.#runs.keys()) {
      if (key.startsWith(`${owner}:`)) this.#delete(key);
    }
  }

  /** For the rare block that lies in two runs. */
  async #readAcross(
    owner: string,
    piece: ReadablePiece,
    begin: number,
    length: number,
    readStream: ReadStream,
  ) {
    const block = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = begin + done;
      const inRun = Math.min(READ_RUN_BYTES - (at % READ_RUN_BYTES), length - done);
      block.set(await this.read(owner, piece, at, inRun, readStream), done);
      done += inRun;
    }
    return block;
  }

  #run(owner: string, piece: ReadablePiece, runBegin: number, readStream: ReadStream): Run {
    const key = `${owner}:${piece.offset + runBegin}`;
    const known = this.#runs.get(key);
    if (known !== undefined) {
      this.#runs.delete(key);
      this.#runs.set(key, known);
      return known;
    }
    const bytes = Buffer.allocUnsafeSlow(Math.min(READ_RUN_BYTES, piece.length - runBegin));
    const run: Run = { bytes, loading: undefined };
    run.loading = readStream(piece.offset + runBegin, bytes).then(
      () => {
        run.loading = undefined;
      },
      (thrown: unknown) => {
        if (this.#runs.get(key) === run) this.#delete(key);
        throw thrown;
      },
    );
    this.#runs.set(key, run);
    this.#bytes += bytes.length;
    this.#trim(key);
    return run;
  }

  #trim(newest: string): void {
    for (const key of this.#runs.keys()) {
      if (this.#bytes <= this.#limit || key === newest) return;
      this.#delete(key);
    }
  }

  #delete(key: string): void {
    this.#bytes -= this.#runs.get(key)?.bytes.length ?? 0;
    this.#runs.delete(key);
  }
}

import { leavesPerPiece, MERKLE_HASH_BYTES, PIECE_HASH_BYTES } from '../metainfo/index.ts';
import { FileCheck, type OnFault, type OnUnusable } from './file-check.ts';
import type { PartToHash, RangeHashes } from './range-hasher.ts';
import { type RangePart, rangesOf, type StreamFile, type StreamRange } from './stream-ranges.ts';
import type { RunningDigest, WorkerPool } from './worker-pool.ts';

/** The bytes that a worker reads and hashes for one message, or one piece if that is longer. Messages cost time. */
const RANGE_BYTES = 16 * 1024 * 1024;
/**
 * The number of ranges that are given to each thread at a time. So no thread waits for the main thread, and bytes that a
 * thread reads again for the SHA-256 of a file are still in the page cache.
 */
const RANGES_PER_THREAD = 4;

/** The digest of a file that lies in one range, so that it has no other parts. */
const WHOLE_DIGEST = { id: 0, isLast: true };

/** The files to read, and the hashes to make of them. */
export interface StreamPlan {
  /** The files in the order of their offsets. */
  readonly files: readonly StreamFile[];
  readonly pieceLength: number;
  readonly streamLength: number;
  /** Whether to make the SHA-1 of the pieces. */
  readonly v1: boolean;
  /** Whether to make the merkle roots of the pieces. Every file must then start with a piece. */
  readonly v2: boolean;
  /** Whether to make the SHA-256 of each file. */
  readonly sha256: boolean;
}

/** The signal and the callback of work that takes long. */
export interface HashProgress {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of bytes of files that were hashed so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** The hashes of a stream of files, as far as the plan asks for them. */
export interface StreamHashes {
  /** The SHA-1 of the pieces, 20 bytes each; empty without `v1`. */
  readonly sha1s: Uint8Array;
  /** The roots of the pieces, 32 bytes each; empty without `v2`. */
  readonly roots: Uint8Array;
  /** The SHA-256 of each file, in hex; empty without `sha256`. */
  readonly sha256: readonly string[];
  /** The `fileVersion()` of each file when it was read; an empty text for one that is missing. */
  readonly versions: readonly string[];
}

/** The callbacks for faults of files. A fault without a callback is an error. */
interface FaultHandlers {
  readonly onFault?: OnFault | undefined;
  readonly onUnusable?: OnUnusable | undefined;
}

/**
 * Hashes a torrent's files on the workers, range by range. The workers read the files, so that no bytes come through here.
 *
 * The SHA-256 of a file cannot be divided. For a file of several ranges, one worker makes it and reads the file again,
 * while the others make the hashes of the pieces.
 *
 * @throws {HashingError} and the signal's reason, after all work has ended
 */
export async function hashStream(
  workers: WorkerPool,
  plan: StreamPlan,
  progress: HashProgress & FaultHandlers = {},
): Promise<StreamHashes> {
  const run = new StreamRun(workers, plan, progress);
  try {
    return await run.hash();
  } finally {
    await run.close();
  }
}

class StreamRun {
  readonly #workers: WorkerPool;
  readonly #plan: StreamPlan;
  readonly #progress: HashProgress;
  readonly #check: FileCheck;
  readonly #sha1s: Uint8Array;
  readonly #roots: Uint8Array;
  readonly #sha256: string[] = [];
  /** The unfinished SHA-256 of each file that lies in several ranges. */
  readonly #digests = new Map<number, RunningDigest>();
  #hashedBytes = 0;

  constructor(workers: WorkerPool, plan: StreamPlan, progress: HashProgress & FaultHandlers) {
    this.#workers = workers;
    this.#plan = plan;
    this.#progress = progress;
    this.#check = new FileCheck(plan.files, progress.onFault, progress.onUnusable);
    const pieceCount = Math.ceil(plan.streamLength / plan.pieceLength);
    this.#sha1s = new Uint8Array(plan.v1 ? pieceCount * PIECE_HASH_BYTES : 0);
    this.#roots = new Uint8Array(plan.v2 ? pieceCount * MERKLE_HASH_BYTES : 0);
  }

  async hash(): Promise<StreamHashes> {
    const { files, streamLength, pieceLength } = this.#plan;
    const ranges = rangesOf(files, streamLength, pieceLength, RANGE_BYTES);
    // All of these take ranges from one generator, and an error of one of them ends it for all.
    const hashSome = async () => {
      for (const range of ranges) await this.#hashRange(range);
    };
    await allDone(Array.from({ length: this.#workers.threads * RANGES_PER_THREAD }, hashSome));
    this.#progress.signal?.throwIfAborted();
    return { sha1s: this.#sha1s, roots: this.#roots, sha256: this.#sha256, versions: this.#check.versions };
  }

  /** Frees the digests that workers keep of files that were not hashed to their end. */
  async close(): Promise<void> {
    await allDone([...this.#digests.values()].map((digest) => digest.drop()));
  }

  /** Hashes a range. It gives out all tasks before it waits, so that the parts of a file reach its SHA-256 in order. */
  async #hashRange(range: StreamRange): Promise<void> {
    this.#progress.signal?.throwIfAborted();
    const { v1, v2, sha256 } = this.#plan;
    const divided = sha256 ? range.parts.filter((part) => !this.#isWhole(part)) : [];
    const work = divided.map((part) => this.#digestPart(part));
    if (v1 || v2 || divided.length < range.parts.length) work.push(this.#hashPieces(range));
    await allDone(work);
    this.#hashedBytes += range.parts.reduce((sum, part) => sum + part.length, 0);
    this.#progress.onProgress?.(this.#hashedBytes);
  }

  /** Makes all hashes of a range except the SHA-256 of files that lie in several ranges. */
  async #hashPieces({ start, length, parts }: StreamRange): Promise<void> {
    const { pieceLength, v1, v2, sha256 } = this.#plan;
    const toHash = parts.map((part) =>
      this.#toHash(part, sha256 && this.#isWhole(part) ? WHOLE_DIGEST : undefined),
    );
    const digested = toHash.reduce((sum, part) => sum + (part.digest ? part.length : 0), 0);
    const hashes = await this.#workers.run(
      { kind: 'range', length, pieceLength, v1, v2, parts: toHash },
      length * (Number(v1) + Number(v2)) + digested,
    );
    if (v1) this.#sha1s.set(hashes.sha1s, (start / pieceLength) * PIECE_HASH_BYTES);
    if (v2) this.#roots.set(hashes.roots, (start / pieceLength) * MERKLE_HASH_BYTES);
    this.#addParts(parts, hashes);
  }

  /** Adds a part to the SHA-256 of a file that lies in several ranges. */
  async #digestPart(part: RangePart): Promise<void> {
    const { file, position, length } = part;
    const { pieceLength, files } = this.#plan;
    const running = this.#digests.get(file) ?? this.#workers.openDigest();
    this.#digests.set(file, running);
    const isLast = position + length === files[file]!.length;
    const toHash = this.#toHash({ ...part, begin: 0 }, { id: running.id, isLast });
    const hashes = await running.run(
      { kind: 'range', length, pieceLength, v1: false, v2: false, parts: [toHash] },
      length,
    );
    if (isLast) this.#digests.delete(file);
    this.#addParts([part], hashes);
  }

  #addParts(parts: readonly RangePart[], hashes: RangeHashes): void {
    for (const [at, { file }] of parts.entries()) {
      const { state, sha256 } = hashes.parts[at]!;
      this.#check.add(file, state);
      if (sha256 !== undefined) this.#sha256[file] = sha256;
    }
  }

  #toHash({ file, begin, position, length }: RangePart, digest: PartToHash['digest']): PartToHash {
    const { files, pieceLength } = this.#plan;
    const { path, realPath, length: fileLength } = files[file]!;
    return {
      path,
      realPath,
      begin,
      position,
      length,
      leafCount: leavesPerPiece(fileLength, pieceLength),
      digest,
    };
  }

  #isWhole({ file, length }: RangePart): boolean {
    return length === this.#plan.files[file]!.length;
  }
}

/** Waits for all work, then throws the error of the first that failed, if any did. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  for (const done of await Promise.allSettled(work)) {
    if (done.status === 'rejected') throw done.reason;
  }
}

import { createHash } from 'node:crypto';
import { leavesPerPiece, MERKLE_HASH_BYTES, PIECE_HASH_BYTES } from '../metainfo/index.ts';
import { toError } from '../util/index.ts';
import { type OnFault, type ReadPart, type StreamFile, StreamReader } from './stream-reader.ts';
import type { SharedBytes } from './tasks.ts';
import type { RunningDigest, WorkerPool } from './worker-pool.ts';

/** Bytes that are read at a time, or one piece if that is longer. */
const SLOT_BYTES = 4 * 1024 * 1024;
/** Slots that are read or hashed at the same time, one more than there are threads, but no more than this. */
const MAX_SLOTS = 6;

const SHA256_OF_NOTHING = createHash('sha256').digest('hex');

/** What to read and which hashes to make of it. */
export interface StreamPlan {
  /** In the order of their offsets. */
  readonly files: readonly StreamFile[];
  readonly pieceLength: number;
  readonly streamLength: number;
  /** SHA-1 of the pieces. */
  readonly v1: boolean;
  /** Merkle roots of the pieces; every file must start on a piece boundary. */
  readonly v2: boolean;
  /** SHA-256 of each file. */
  readonly sha256: boolean;
}

export interface HashProgress {
  readonly signal?: AbortSignal | undefined;
  /** Is called with the bytes of files hashed so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

export interface StreamHashes {
  /** 20 bytes a piece; empty unless asked for. */
  readonly sha1s: Uint8Array;
  /** 32 bytes a piece; empty unless asked for. */
  readonly roots: Uint8Array;
  /** By file, in hex; empty unless asked for. */
  readonly sha256: readonly string[];
}

/**
 * Reads a torrent's files once, slot by slot, and has each slot hashed in the workers while the next is read.
 *
 * @throws {HashingError} and the signal's reason; all work has ended by then
 */
export async function hashStream(
  workers: WorkerPool,
  plan: StreamPlan,
  progress: HashProgress & { readonly onFault?: OnFault } = {},
): Promise<StreamHashes> {
  const run = new StreamRun(workers, plan, progress);
  try {
    return await run.hash();
  } finally {
    await run.close();
  }
}

interface Slot {
  readonly bytes: SharedBytes;
  /** Settles when the slot can be filled again; never rejects. */
  hashed: Promise<void>;
}

class StreamRun {
  readonly #workers: WorkerPool;
  readonly #plan: StreamPlan;
  readonly #progress: HashProgress;
  readonly #reader: StreamReader;
  readonly #slots: Slot[] = [];
  readonly #sha1s: Uint8Array;
  readonly #roots: Uint8Array;
  readonly #sha256: string[] = [];
  /** The SHA-256 of the file that is being read. */
  #digest: RunningDigest | undefined;
  #hashedBytes = 0;
  /** The first failure of hashing in the background. */
  #failure: Error | undefined;

  constructor(
    workers: WorkerPool,
    plan: StreamPlan,
    progress: HashProgress & { readonly onFault?: OnFault },
  ) {
    this.#workers = workers;
    this.#plan = plan;
    this.#progress = progress;
    this.#reader = new StreamReader(plan.files, progress.onFault);
    const pieceCount = Math.ceil(plan.streamLength / plan.pieceLength);
    this.#sha1s = new Uint8Array(plan.v1 ? pieceCount * PIECE_HASH_BYTES : 0);
    this.#roots = new Uint8Array(plan.v2 ? pieceCount * MERKLE_HASH_BYTES : 0);
  }

  async hash(): Promise<StreamHashes> {
    const { streamLength, pieceLength } = this.#plan;
    const slotBytes = Math.max(1, Math.floor(SLOT_BYTES / pieceLength)) * pieceLength;
    for (let start = 0, turn = 0; start < streamLength; start += slotBytes, turn += 1) {
      const slot = await this.#freeSlot(turn, Math.min(slotBytes, streamLength));
      this.#check();
      const bytes = slot.bytes.subarray(0, streamLength - start);
      const parts = await this.#reader.fill(bytes, start);
      slot.hashed = this.#hashSlot(bytes, parts, start / pieceLength).then(undefined, (thrown: unknown) => {
        this.#failure ??= toError(thrown);
      });
    }
    for (const file of await this.#reader.finish()) this.#sha256[file] = SHA256_OF_NOTHING;
    await this.#drain();
    this.#check();
    return { sha1s: this.#sha1s, roots: this.#roots, sha256: this.#plan.sha256 ? this.#sha256 : [] };
  }

  /** Waits for what is still being hashed, and lets go of the files. */
  async close(): Promise<void> {
    await this.#drain();
    await this.#reader.close();
    await this.#digest?.drop();
  }

  async #freeSlot(turn: number, bytes: number): Promise<Slot> {
    const count = Math.min(this.#workers.threads + 1, MAX_SLOTS);
    const index = turn % count;
    this.#slots[index] ??= { bytes: new Uint8Array(new SharedArrayBuffer(bytes)), hashed: Promise.resolve() };
    await this.#slots[index].hashed;
    return this.#slots[index];
  }

  async #drain(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.hashed));
  }

  #check(): void {
    this.#progress.signal?.throwIfAborted();
    if (this.#failure) throw this.#failure;
  }

  async #hashSlot(bytes: SharedBytes, parts: readonly ReadPart[], firstPiece: number): Promise<void> {
    const work: Promise<void>[] = [];
    if (this.#plan.sha256) work.push(...parts.map((part) => this.#digestPart(bytes, part)));
    if (this.#plan.v1 || this.#plan.v2) work.push(this.#hashPieces(bytes, parts, firstPiece));
    await Promise.all(work);
    this.#hashedBytes += parts.reduce((sum, part) => sum + part.length, 0);
    this.#progress.onProgress?.(this.#hashedBytes);
  }

  async #digestPart(bytes: SharedBytes, { file, begin, length, isLast }: ReadPart): Promise<void> {
    this.#digest ??= this.#workers.openDigest();
    const update = this.#digest.update(bytes.subarray(begin, begin + length), isLast);
    if (isLast) this.#digest = undefined;
    const sha256 = await update;
    if (sha256 !== undefined) this.#sha256[file] = sha256;
  }

  async #hashPieces(bytes: SharedBytes, parts: readonly ReadPart[], firstPiece: number): Promise<void> {
    const { files, pieceLength, v1, v2 } = this.#plan;
    const { sha1s, roots } = await this.#workers.run(
      {
        kind: 'pieces',
        data: bytes,
        pieceLength,
        v1,
        parts: v2
          ? parts.map(({ file, begin, length }) => ({
              begin,
              length,
              leafCount: leavesPerPiece(files[file]!.length, pieceLength),
            }))
          : undefined,
      },
      bytes.length,
    );
    if (v1) this.#sha1s.set(sha1s, firstPiece * PIECE_HASH_BYTES);
    if (v2) this.#roots.set(roots, firstPiece * MERKLE_HASH_BYTES);
  }
}

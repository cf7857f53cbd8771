import { expectedPieceHash, type Metainfo, PIECE_HASH_BYTES } from '../metainfo/index.ts';
import { Bitfield, equalBytes } from '../util/index.ts';
import type { FileFault } from './file-check.ts';
import { type HashProgress, hashStream } from './hash-stream.ts';
import { diskPathsAt } from './torrent-root.ts';
import type { WorkerPool } from './worker-pool.ts';

/** The options of {@link HashPool.verifyFiles}. */
export interface VerifyOptions extends HashProgress {
  /** Whether to make the SHA-256 of each file as well, by default `false`. */
  readonly sha256?: boolean;
}

/** The result for one file. */
export interface VerifiedFile {
  /** The path as in the metainfo. */
  readonly path: readonly string[];
  /** The path on disk. `fsPath()` makes it fit for `node:fs`. */
  readonly diskPath: string;
  /** The fault of the file; `undefined` when it has the right size, even if its bytes are wrong. */
  readonly fault?: FileFault;
  /** The SHA-256 of the file on disk, in hex; only with the option `sha256`, and for a file without a fault. */
  readonly sha256?: string;
  /** The `fileVersion()` of the file when it was read; an empty text when it is missing. */
  readonly version: string;
}

/** The result for all files of a torrent. */
export interface VerifyResult {
  /** The pieces that are there and have their hashes. */
  readonly good: Bitfield;
  /** The files in the order of the metainfo. */
  readonly files: readonly VerifiedFile[];
  /** Whether all pieces are good and no file has a fault. */
  readonly isComplete: boolean;
}

/** Checks files on the threads of a pool, see `HashPool.verifyFiles`. */
export async function verifyFiles(
  workers: WorkerPool,
  metainfo: Metainfo,
  root: string,
  { sha256 = false, signal, onProgress }: VerifyOptions = {},
): Promise<VerifyResult> {
  const { pieceLength, pieceCount, streamLength } = metainfo;
  const paths = await diskPathsAt(metainfo, root);
  const faults = new Map<number, FileFault>();
  const incomplete = new Bitfield(pieceCount);
  const plan = {
    files: metainfo.files.map(({ length, offset }, index) => ({ path: paths[index]!, length, offset })),
    pieceLength,
    streamLength,
    v1: metainfo.version !== 'v2',
    v2: metainfo.version !== 'v1',
    sha256,
  };
  const hashes = await hashStream(workers, plan, {
    signal,
    onProgress,
    onFault(file, fault, from, to) {
      faults.set(file, fault);
      if (from === to) return;
      // Missing bytes were read as zeros. The piece is not good even if it should be zeros, because it is not there.
      for (let piece = Math.floor(from / pieceLength); piece * pieceLength < to; piece += 1)
        incomplete.add(piece);
    },
  });

  const good = new Bitfield(pieceCount);
  for (let piece = 0; piece < pieceCount; piece += 1) {
    if (!incomplete.has(piece) && isGood(metainfo, hashes, piece)) good.add(piece);
  }
  const files = metainfo.files.map(({ path }, index): VerifiedFile => {
    const fault = faults.get(index);
    return {
      path,
      diskPath: paths[index]!,
      version: hashes.versions[index]!,
      ...(fault && { fault }),
      ...(sha256 && !fault && { sha256: hashes.sha256[index]! }),
    };
  });
  return { good, files, isComplete: good.isFull && faults.size === 0 };
}

function isGood(metainfo: Metainfo, found: { sha1s: Uint8Array; roots: Uint8Array }, piece: number): boolean {
  const { sha1, root } = expectedPieceHash(metainfo, piece);
  if (sha1 && !equalBytes(sha1, hashAt(found.sha1s, piece, PIECE_HASH_BYTES))) return false;
  return !root || equalBytes(root.hash, hashAt(found.roots, piece, root.hash.length));
}

function hashAt(hashes: Uint8Array, piece: number, size: number): Uint8Array {
  return hashes.subarray(piece * size, (piece + 1) * size);
}

import { expectedPieceHash, type Metainfo, PIECE_HASH_BYTES } from '../metainfo/index.ts';
import { Bitfield, equalBytes } from '../util/index.ts';
import type { FileFault } from './file-check.ts';
import { type HashProgress, hashStream } from './hash-stream.ts';
import { diskPathsAt } from './torrent-root.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface VerifyOptions extends HashProgress {
  /** Whether to make the SHA-256 of each file, too; absent: no. */
  readonly sha256?: boolean;
}

/** The findings about one file. */
export interface VerifiedFile {
  /** The path as in the metainfo. */
  readonly path: readonly string[];
  /** The path where it was looked for; `fsPath()` makes of it what `node:fs` takes. */
  readonly diskPath: string;
  /** The fault of the file; absent when it has the right size, whatever is in it. */
  readonly fault?: FileFault;
  /** The SHA-256 of what is on disk, in hex; absent unless asked for, and for a file with a fault. */
  readonly sha256?: string;
  /** The state in which it was read, of `fileVersion()`; an empty text when it is missing. */
  readonly version: string;
}

export interface VerifyResult {
  /** The pieces that are there and right. */
  readonly good: Bitfield;
  /** The files in the order of the metainfo. */
  readonly files: readonly VerifiedFile[];
  /** Whether all pieces are good and no file has a fault. */
  readonly isComplete: boolean;
}

/** Does what `HashPool.verifyFiles` says. */
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
      // What is missing was read as zeros. The piece is not good even where it should be zeros, as nothing is there.
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

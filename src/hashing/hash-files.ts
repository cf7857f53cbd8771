import { checkPieceLength, layOutFiles, MERKLE_HASH_BYTES, pieceLayerRoot } from '../metainfo/index.ts';
import type { OnUnusable } from './file-check.ts';
import { type HashProgress, hashStream } from './hash-stream.ts';
import type { WorkerPool } from './worker-pool.ts';

/** A file to hash. */
export interface FileToHash {
  readonly path: string;
  /** Its path without links, if no link may be followed to it; `undefined` if links are followed. */
  readonly realPath?: string | undefined;
  /** The size in bytes. A file of another size is an error. */
  readonly length: number;
}

/** The options of {@link HashPool.hashFiles}. */
/** The options of {@link HashPool.hashFiles}. */
export interface HashFilesOptions extends HashProgress {
  /** The bytes in a piece; with `v2` a power of two of at least 16 KiB. */
  readonly pieceLength: number;
  /** Whether the SHA-1 of the pieces is wanted. */
  readonly v1: boolean;
  /** Whether merkle trees are wanted. Each file then starts with a piece, even for the v1 hashes. */
  readonly v2: boolean;
  /** Whether the SHA-256 of each file is also wanted, by default `false`. Threads cannot share the work for one file. */
  readonly sha256?: boolean;
  /** Called with each file that cannot be read, so that all of them are known at the end. Without it, the first is an error. */
  readonly onUnusable?: OnUnusable | undefined;
}

/** The hashes of one file. */
export interface FileHashes {
  /** The SHA-256 of the whole file, in hex; only with the option `sha256`. */
  readonly sha256?: string;
  /** The root of the file's merkle tree; only with `v2`, and not for an empty file. @see BEP 52 */
  readonly piecesRoot?: Uint8Array;
  /** The roots of the file's pieces, 32 bytes each; only together with `piecesRoot`. */
  readonly pieceLayer?: Uint8Array;
}

/** The hashes of several files. */
export interface HashedFiles {
  /** The hashes of each file, in the order given. */
  readonly files: readonly FileHashes[];
  /** The SHA-1 of the pieces, 20 bytes each; only with `v1`. */
  readonly pieces?: Uint8Array;
  /** The `fileVersion()` of each file when it was read. */
  readonly versions: readonly string[];
}

/** Hashes files on the threads of a pool, see `HashPool.hashFiles`. */
export async function hashFiles(
  workers: WorkerPool,
  files: readonly FileToHash[],
  { pieceLength, v1, v2, sha256 = false, signal, onProgress, onUnusable }: HashFilesOptions,
): Promise<HashedFiles> {
  checkPieceLength(pieceLength, v2);
  const { offsets, streamLength } = layOutFiles(
    files.map((file) => file.length),
    v2 ? pieceLength : undefined,
  );
  const placed = files.map((file, index) => ({ ...file, offset: offsets[index]! }));
  const plan = { files: placed, pieceLength, streamLength, v1, v2, sha256 };
  const hashes = await hashStream(workers, plan, { signal, onProgress, onUnusable });
  return {
    files: placed.map(({ length, offset }, index) => ({
      ...(sha256 && { sha256: hashes.sha256[index]! }),
      ...(v2 && length > 0 && merkleHashes(hashes.roots, offset, length, pieceLength)),
    })),
    ...(v1 && { pieces: hashes.sha1s }),
    versions: hashes.versions,
  };
}

function merkleHashes(roots: Uint8Array, offset: number, length: number, pieceLength: number) {
  const first = (offset / pieceLength) * MERKLE_HASH_BYTES;
  const pieceLayer = roots.slice(first, first + Math.ceil(length / pieceLength) * MERKLE_HASH_BYTES);
  return { pieceLayer, piecesRoot: pieceLayerRoot(pieceLayer, pieceLength) };
}

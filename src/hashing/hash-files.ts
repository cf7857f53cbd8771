import { checkPieceLength, layOutFiles, MERKLE_HASH_BYTES, pieceLayerRoot } from '../metainfo/index.ts';
import type { OnUnusable } from './file-check.ts';
import { type HashProgress, hashStream } from './hash-stream.ts';
import type { WorkerPool } from './worker-pool.ts';

/** A file to hash. */
export interface FileToHash {
  readonly path: string;
  /** Where it really is, if no link may be followed to it; absent: links are followed. */
  readonly realPath?: string | undefined;
  /** The size in bytes; a file that has another one is an error. */
  readonly length: number;
}

export interface HashFilesOptions extends HashProgress {
  /** The bytes in a piece; with `v2` a power of two of at least 16 KiB. */
  readonly pieceLength: number;
  /** Whether the SHA-1 of the pieces is wanted. */
  readonly v1: boolean;
  /** Whether merkle trees are wanted; files then start on piece boundaries, in the v1 pieces, too. */
  readonly v2: boolean;
  /** Whether the SHA-256 of each file is wanted, too; absent: no. Its work cannot be divided among threads. */
  readonly sha256?: boolean;
  /** Takes the files that cannot be read, so that all of them are known at the end; absent: the first is an error. */
  readonly onUnusable?: OnUnusable | undefined;
}

export interface FileHashes {
  /** The SHA-256 of the whole file, in hex; absent unless asked for. */
  readonly sha256?: string;
  /** The root of the file's merkle tree; absent without `v2` and for an empty file. @see BEP 52 */
  readonly piecesRoot?: Uint8Array;
  /** The roots of the file's pieces, 32 bytes each; absent where `piecesRoot` is. */
  readonly pieceLayer?: Uint8Array;
}

export interface HashedFiles {
  /** The hashes of each file, in the order given. */
  readonly files: readonly FileHashes[];
  /** The SHA-1 of the pieces, 20 bytes each; absent without `v1`. */
  readonly pieces?: Uint8Array;
  /** The state in which each file was read, of `fileVersion()`. */
  readonly versions: readonly string[];
}

/** Does what `HashPool.hashFiles` says. */
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

import { basename, resolve } from 'node:path';
import {
  checkFileName,
  checkPaths,
  choosePieceLength,
  createMetainfo,
  encodeMetainfo,
  type HashedFile,
  type Metainfo,
  type MetainfoExtras,
  type MetainfoVersion,
} from '../metainfo/index.ts';
import type { HashPool } from './hash-pool.ts';
import type { HashProgress } from './hash-stream.ts';
import { listFiles } from './list-files.ts';

export interface CreateTorrentOptions extends HashProgress, MetainfoExtras {
  /** Hybrid unless given. */
  readonly version?: MetainfoVersion;
  /** Bytes; by the size of the files, `choosePieceLength()`, unless given. */
  readonly pieceLength?: number;
  /** That of the file or folder unless given. */
  readonly name?: string;
  readonly isPrivate?: boolean;
  /** Whether to make the SHA-256 of each file, which is in no torrent; not unless given. */
  readonly sha256?: boolean;
}

/** A file that went into a torrent. */
export interface TorrentSource {
  /** As in the metainfo. */
  readonly path: readonly string[];
  readonly diskPath: string;
  readonly length: number;
  /** Of the whole file, in hex; absent unless asked for. */
  readonly sha256?: string;
}

export interface CreatedTorrent {
  /** The `.torrent`. */
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
  /** In the order of the metainfo. */
  readonly files: readonly TorrentSource[];
}

/**
 * Makes a torrent of a file, or of the files in a folder and the folders in it. Names that start
 * with a dot, symbolic links and all that is no regular file are left out.
 *
 * The info-hash is a function of names, bytes, version and piece length alone.
 *
 * @throws {HashingError} for files that cannot be read or change, `MetainfoError` for names that no torrent may have,
 * and the signal's reason
 *
 * @example
 * ```ts
 * const { bytes, metainfo } = await createTorrent(pool, 'linux.iso');
 * await writeFile(`${metainfo.name}.torrent`, bytes);
 * ```
 */
export async function createTorrent(
  pool: HashPool,
  path: string,
  options: CreateTorrentOptions = {},
): Promise<CreatedTorrent> {
  const { version = 'hybrid', name = basename(resolve(path)), sha256 = false, signal, onProgress } = options;
  const found = await listFiles(path);
  const isSingleFile = found[0]!.path.length === 0;
  const paths = isSingleFile ? [[name]] : found.map((file) => file.path);
  // createMetainfo() would refuse them, too, but only after the files are read.
  checkFileName(name);
  checkPaths(paths);
  const pieceLength =
    options.pieceLength ?? choosePieceLength(found.reduce((sum, file) => sum + file.length, 0));
  const hashed = await pool.hashFiles(
    found.map(({ diskPath, length }) => ({ path: diskPath, length })),
    { pieceLength, v1: version !== 'v2', v2: version !== 'v1', sha256, signal, onProgress },
  );

  const files: (HashedFile & TorrentSource)[] = found.map(({ diskPath, length }, index) => ({
    path: paths[index]!,
    diskPath,
    length,
    ...hashed.files[index]!,
  }));
  const { pieces } = hashed;
  const metainfo = createMetainfo({
    ...options,
    version,
    name,
    isSingleFile,
    pieceLength,
    files,
    ...(pieces && { pieces }),
  });
  return {
    bytes: encodeMetainfo(metainfo),
    metainfo,
    files: files.map(({ path, diskPath, length, sha256 }) => ({
      path,
      diskPath,
      length,
      ...(sha256 !== undefined && { sha256 }),
    })),
  };
}

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
import { HashingError, unusable } from './errors.ts';
import { findUnusable } from './find-unusable.ts';
import type { HashedFiles } from './hash-files.ts';
import type { HashPool } from './hash-pool.ts';
import type { HashProgress } from './hash-stream.ts';
import { describeLeftOut, type LeftOut } from './left-out.ts';
import { type ListedFile, type ListOptions, listFiles, nameInTorrent } from './list-files.ts';

/** The options of {@link createTorrent}. */
export interface CreateTorrentOptions extends HashProgress, ListOptions, MetainfoExtras {
  /** The version of the torrent, by default hybrid. */
  readonly version?: MetainfoVersion;
  /** The bytes in a piece, by default chosen by `choosePieceLength()`. */
  readonly pieceLength?: number;
  /** The name of the torrent, by default that of the file or folder. */
  readonly name?: string;
  readonly isPrivate?: boolean;
  /** Whether to make the SHA-256 of each file, which no torrent holds. The default is `false`. */
  readonly sha256?: boolean;
  /**
   * Whether files of a folder that cannot be used are left out and listed in the result. The default is `false`: they are
   * an error.
   */
  readonly skipUnreadable?: boolean;
  /** Called once, with the number of bytes that will be read. */
  readonly onTotal?: (bytes: number) => void;
}

/** A file that went into a torrent. */
export interface TorrentSource {
  /** The path as in the metainfo. */
  readonly path: readonly string[];
  readonly diskPath: string;
  readonly length: number;
  /** The `fileVersion()` of the file when it was hashed. */
  readonly version: string;
  /** The SHA-256 of the whole file, in hex; only with the option `sha256`. */
  readonly sha256?: string;
}

/** A new torrent, and what was found while it was made. */
export interface CreatedTorrent {
  /** The `.torrent`. */
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
  /** The files in the order of the metainfo. */
  readonly files: readonly TorrentSource[];
  /** The counts of files and other things in the folder that the torrent leaves out. */
  readonly leftOut: LeftOut;
  /** One error for each file or folder that could not be used; only with `skipUnreadable`. */
  readonly skipped: readonly HashingError[];
}

/**
 * Makes a torrent of a file, or of the files in a folder and the folders in it. It leaves out names that start with a dot
 * (see the option `hidden`), symbolic links (see `follow`), devices, pipes, sockets and empty folders.
 *
 * The info-hash depends on the names, the bytes, the version and the piece length alone.
 *
 * @throws {HashingError} for files that cannot be used, which `failures` lists, and for files that change meanwhile
 * @throws {MetainfoError} for names that no torrent may have
 * @throws the signal's reason
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
  const { version = 'hybrid', name = nameInTorrent(basename(resolve(path))) } = options;
  checkFileName(name);
  const { files: found, leftOut, failures } = await listFiles(path, options);
  if (found.length + failures.length === 0) throw nothingIn(path, leftOut);
  if (found[0]?.path.length === 0) {
    const hashed = await hashFound(pool, found, options);
    return { ...torrentOf([[name]], found, hashed, { ...options, version, name }), leftOut, skipped: [] };
  }
  const { files, skipped, hashed } = await hashUsable(pool, path, { found, failures }, options);
  const paths = files.map((file) => file.path);
  return { ...torrentOf(paths, files, hashed, { ...options, version, name }), leftOut, skipped };
}

interface HashedFound extends HashedFiles {
  readonly pieceLength: number;
}

/**
 * Hashes the files of a folder that can be used.
 *
 * @param failures the errors of folders and files that cannot be listed
 * @throws {HashingError} when some cannot be used and are not to be skipped, or when none can be used
 */
async function hashUsable(
  pool: HashPool,
  root: string,
  { found, failures }: { readonly found: readonly ListedFile[]; readonly failures: readonly HashingError[] },
  options: CreateTorrentOptions,
) {
  let skipped = [...failures, ...(await findUnusable(found))];
  for (;;) {
    const atFault = new Set(skipped.map((failure) => failure.path));
    const files = found.filter(({ diskPath }) => !atFault.has(diskPath));
    if (skipped.length > 0 && (options.skipUnreadable !== true || files.length === 0)) {
      throw unusable(root, skipped);
    }
    checkPaths({ files });
    const unread: HashingError[] = [];
    const hashed = await hashFound(pool, files, options, (_, error) => unread.push(error));
    if (unread.length === 0) return { files, skipped, hashed };
    // The files behind one that is left out have another place in the torrent then, so that all are hashed again.
    skipped = [...skipped, ...unread];
  }
}

async function hashFound(
  pool: HashPool,
  found: readonly ListedFile[],
  options: CreateTorrentOptions,
  onUnusable?: (file: number, error: HashingError) => void,
): Promise<HashedFound> {
  const { version = 'hybrid', sha256 = false, signal, onProgress, onTotal } = options;
  const lengths = found.map((file) => file.length);
  onTotal?.(lengths.reduce((sum, length) => sum + length, 0));
  const pieceLength = options.pieceLength ?? choosePieceLength(lengths, version);
  const hashed = await pool.hashFiles(
    found.map(({ diskPath, realPath, length }) => ({ path: diskPath, realPath, length })),
    {
      pieceLength,
      v1: version !== 'v2',
      v2: version !== 'v1',
      sha256,
      signal,
      onProgress,
      onUnusable,
    },
  );
  return { ...hashed, pieceLength };
}

function torrentOf(
  paths: readonly (readonly string[])[],
  found: readonly ListedFile[],
  { files: hashes, pieces, versions, pieceLength }: HashedFound,
  options: CreateTorrentOptions & { readonly version: MetainfoVersion; readonly name: string },
): Pick<CreatedTorrent, 'bytes' | 'metainfo' | 'files'> {
  const files: HashedFile[] = found.map(({ length }, index) => {
    const { piecesRoot, pieceLayer } = hashes[index]!;
    return {
      path: paths[index]!,
      length,
      ...(piecesRoot && { piecesRoot }),
      ...(pieceLayer && { pieceLayer }),
    };
  });
  const metainfo = createMetainfo({
    ...options,
    isSingleFile: found[0]!.path.length === 0,
    pieceLength,
    files,
    ...(pieces && { pieces }),
  });
  return {
    bytes: encodeMetainfo(metainfo),
    metainfo,
    files: found.map(({ diskPath, length }, index) => {
      const { sha256 } = hashes[index]!;
      return {
        path: paths[index]!,
        diskPath,
        length,
        version: versions[index]!,
        ...(sha256 !== undefined && { sha256 }),
      };
    }),
  };
}

function nothingIn(path: string, leftOut: LeftOut): HashingError {
  const others = describeLeftOut(leftOut);
  const found = others === undefined ? 'nothing else either' : `only ${others}`;
  return new HashingError('NO_FILES', `Cannot make a torrent of ${path}: there is no file in it, ${found}`, {
    path,
  });
}

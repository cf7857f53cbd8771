import { basename, resolve } from 'node:path';
import {
  checkFileName,
  checkPaths,
  choosePieceLength,
  contentIdOfTorrent,
  createMetainfo,
  encodeMetainfo,
  type HashedFile,
  leastTorrentBytes,
  type Metainfo,
  type MetainfoExtras,
  type MetainfoVersion,
  requireNotTooLong,
} from '../metainfo/index.ts';
import { fromHex } from '../util/index.ts';
import { checkUnchanged } from './check-unchanged.ts';
import { HashingError, unusable } from './errors.ts';
import { findUnusable, type ListedFolder } from './find-unusable.ts';
import type { HashedFiles } from './hash-files.ts';
import type { HashPool } from './hash-pool.ts';
import type { HashProgress } from './hash-stream.ts';
import { describeLeftOut, type LeftOut } from './left-out.ts';
import {
  type FileListing,
  type ListedEntry,
  type ListedFile,
  type ListedLink,
  type ListOptions,
  listFiles,
  nameInTorrent,
} from './list-files.ts';

/** The options of {@link createTorrent}. */
export interface CreateTorrentOptions extends HashProgress, ListOptions, MetainfoExtras {
  /** The version of the torrent, by default hybrid. */
  readonly version?: MetainfoVersion;
  /** The bytes in a piece, by default chosen by `choosePieceLength()`. */
  readonly pieceLength?: number;
  /** The name of the torrent, by default that of the file or folder. */
  readonly name?: string;
  readonly isPrivate?: boolean;
  /**
   * Whether to make the SHA-256 of each file. That of a file in a folder goes into the torrent, so that the folder has a
   * content id; the default is `true` there. No torrent holds that of a single file, and the default is `false` for one.
   */
  readonly sha256?: boolean;
  /**
   * Whether files and links of a folder that cannot be used are left out and listed in the result. The default is `false`: they are
   * an error.
   */
  readonly skipUnreadable?: boolean;
  /** Called before files are read, with the fewest bytes that the `.torrent` of a folder will have. An error of it ends the work. */
  readonly onLeastBytes?: (bytes: number) => void;
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
  /** The SHA-256 of the whole file, in hex; see the option `sha256`. */
  readonly sha256?: string;
}

/** A new torrent, and what was found while it was made. */
export interface CreatedTorrent {
  /** The `.torrent`. */
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
  /** The content id of a folder, 64 hex digits; absent for a single file, and without the SHA-256 of files. */
  readonly contentId?: string;
  /** The files in the order of the metainfo. */
  readonly files: readonly TorrentSource[];
  /** The symbolic links in the torrent. */
  readonly links: readonly ListedLink[];
  /** The empty folders in the torrent. */
  readonly emptyFolders: readonly ListedEntry[];
  /** The counts of files and other things in the folder that the torrent leaves out. */
  readonly leftOut: LeftOut;
  /** One error for each file or folder that could not be used; only with `skipUnreadable`. */
  readonly skipped: readonly HashingError[];
}

/**
 * Makes a torrent of a file, or of a folder with all that is in it: files with their executable bit, symbolic links that lead
 * to something in the folder, and empty folders. It leaves out names that start with a dot (see the option `hidden`), devices,
 * pipes and sockets.
 *
 * The info-hash depends on the names, the bytes, the executable bits, the links, the version, the piece length and the option
 * `sha256` alone.
 *
 * @throws {HashingError} for files and links that cannot be used, which `failures` lists, and for a folder that changes meanwhile
 * @throws {MetainfoError} for names that no torrent may have, and a folder whose `.torrent` would be too long
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
  const listing = await listFiles(pool, path, options);
  const { files: found, leftOut, failures } = listing;
  if (found.length + failures.length === 0) throw nothingIn(path, listing);
  const chosen = { ...options, version, name };
  if (found[0]?.path.length === 0) {
    const hashed = await hashFound(pool, found, options);
    const files = found.map((file) => ({ ...file, path: [name] }));
    const folder = { files, links: [], emptyFolders: [] };
    return { ...torrentOf(folder, hashed, true, chosen), leftOut, skipped: [] };
  }
  const { sha256 = true } = options;
  const { folder, skipped, hashed } = await hashUsable(pool, path, listing, { ...options, sha256 });
  await checkUnchanged(pool, path, listing, skipped, options);
  return { ...torrentOf(folder, hashed, false, chosen), leftOut, skipped };
}

interface HashedFound extends HashedFiles {
  readonly pieceLength: number;
}

/**
 * Hashes the files of a folder that can be used.
 *
 * @throws {HashingError} when some cannot be used and are not to be skipped, or when none can be used
 */
async function hashUsable(pool: HashPool, root: string, listing: FileListing, options: CreateTorrentOptions) {
  let skipped = [...listing.failures, ...(await findUnusable(listing))];
  for (;;) {
    const folder = withoutFaulty(listing, skipped);
    if (skipped.length > 0 && (options.skipUnreadable !== true || folder.files.length === 0)) {
      throw unusable(root, skipped);
    }
    checkPaths({ files: folder.files, symlinks: folder.links, emptyFolders: folder.emptyFolders });
    requireShort(folder, options);
    const unread: HashingError[] = [];
    const hashed = await hashFound(pool, folder.files, options, (_, error) => unread.push(error));
    if (unread.length === 0) return { folder, skipped, hashed };
    // The files behind one that is left out have another place in the torrent then, so that all are hashed again.
    skipped = [...skipped, ...unread];
  }
}

/** Checks the length of the `.torrent` before hours of hashing. @throws {MetainfoError} `TOO_LARGE` */
function requireShort({ files }: ListedFolder, options: CreateTorrentOptions): void {
  const { version = 'hybrid', sha256 = true, onLeastBytes } = options;
  const bytes = leastTorrentBytes({ files, version, sha256, pieceLength: pieceLengthFor(files, options) });
  requireNotTooLong(bytes);
  onLeastBytes?.(bytes);
}

function pieceLengthFor(
  files: readonly ListedFile[],
  { version = 'hybrid', pieceLength }: CreateTorrentOptions,
): number {
  return (
    pieceLength ??
    choosePieceLength(
      files.map(({ length }) => length),
      version,
    )
  );
}

function withoutFaulty(
  { files, links, emptyFolders }: FileListing,
  faults: readonly HashingError[],
): ListedFolder {
  const atFault = new Set(faults.map((fault) => fault.path));
  const isUsable = ({ diskPath }: ListedEntry) => !atFault.has(diskPath);
  return {
    files: files.filter(isUsable),
    links: links.filter(isUsable),
    emptyFolders: emptyFolders.filter(isUsable),
  };
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
  const pieceLength = pieceLengthFor(found, options);
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

/** @param folder the files with their paths in the torrent, and what else goes into it */
function torrentOf(
  { files: found, links, emptyFolders }: ListedFolder,
  { files: hashes, pieces, versions, pieceLength }: HashedFound,
  isSingleFile: boolean,
  options: CreateTorrentOptions & { readonly version: MetainfoVersion; readonly name: string },
): Omit<CreatedTorrent, 'leftOut' | 'skipped'> {
  const files = found.map(({ path, exactPath, length, isExecutable }, index): HashedFile => {
    const { sha256, ...merkle } = hashes[index]!;
    return {
      path,
      length,
      ...(exactPath && { exactPath }),
      ...merkle,
      ...(!isSingleFile && isExecutable && { attr: 'x' }),
      ...(!isSingleFile && sha256 !== undefined && { sha256: fromHex(sha256) }),
    };
  });
  const metainfo = createMetainfo({
    ...options,
    isSingleFile,
    pieceLength,
    files,
    symlinks: links.map((link) => ({ ...link, target: link.target! })),
    emptyFolders,
    ...(pieces && { pieces }),
  });
  const contentId = contentIdOfTorrent(metainfo);
  return {
    bytes: encodeMetainfo(metainfo),
    metainfo,
    ...(contentId !== undefined && { contentId }),
    files: found.map(({ path, diskPath, length }, index) => {
      const { sha256 } = hashes[index]!;
      return { path, diskPath, length, version: versions[index]!, ...(sha256 !== undefined && { sha256 }) };
    }),
    links,
    emptyFolders,
  };
}

function nothingIn(path: string, { leftOut, links, emptyFolders }: FileListing): HashingError {
  const others = describeLeftOut({
    ...leftOut,
    links: links.length,
    emptyFolders: emptyFolders.length,
  });
  const found = others === undefined ? 'and nothing else' : `but ${others}`;
  const follow = links.length > 0 ? '. To take what links lead to in their place, give --follow' : '';
  const message = `Cannot make a torrent of ${path}: there is no file in it, ${found}${follow}`;
  return new HashingError('NO_FILES', message, { path });
}

import { nameInTorrent } from '../hashing/index.ts';
import {
  contentIdOfTorrent,
  linkTargetOf,
  type Metainfo,
  type MetainfoFile,
  type MetainfoSymlink,
} from '../metainfo/index.ts';
import { toHex } from '../util/index.ts';

/**
 * The content of a `.torrent` as `shoal show --json` prints it. Scripts depend on it: fields may be added, but none is
 * removed or gets another meaning. A field that the torrent does not have is absent.
 */
export interface TorrentDescription {
  readonly name: string;
  readonly version: 'v1' | 'v2' | 'hybrid';
  /**
   * The info-hash by which peers and trackers name the torrent, 40 hex digits: v1 if there is one, or else the first 20 bytes
   * of the v2 hash.
   */
  readonly infoHash: string;
  /** The v1 info-hash, 40 hex digits. */
  readonly infoHashV1?: string | undefined;
  /** The v2 info-hash, 64 hex digits. */
  readonly infoHashV2?: string | undefined;
  /**
   * The content id of a folder, 64 hex digits: the SHA-256 of its listing. Only of a torrent that has the SHA-256 of each file,
   * and whose folder can be made as it says.
   */
  readonly contentId?: string | undefined;
  /** Bytes of all files. */
  readonly size: number;
  readonly isSingleFile: boolean;
  readonly pieceLength: number;
  /** The number of pieces. */
  readonly pieces: number;
  readonly isPrivate: boolean;
  /** The trackers in tiers. @see BEP 12 */
  readonly trackers: readonly (readonly string[])[];
  /** Entries among the trackers that Shoal cannot use: URLs such as `ftp://tracker.example/`, and texts that are no URL. */
  readonly otherTrackers?: readonly string[] | undefined;
  /** URLs of `url-list`. @see BEP 19 */
  readonly webSeeds?: readonly string[] | undefined;
  /** URLs of `httpseeds`. @see BEP 17 */
  readonly httpSeeds?: readonly string[] | undefined;
  /** The nodes of the DHT. @see BEP 5 */
  readonly nodes?: readonly { readonly host: string; readonly port: number }[] | undefined;
  readonly comment?: string | undefined;
  readonly createdBy?: string | undefined;
  /** The date of creation, as ISO 8601. */
  readonly createdAt?: string | undefined;
  /** The encoding that `encoding` names. */
  readonly encoding?: string | undefined;
  readonly publisher?: string | undefined;
  readonly publisherUrl?: string | undefined;
  /** The `source` in `info`, by which private trackers tell their torrents apart. */
  readonly source?: string | undefined;
  /** Info-hashes of torrents with files in common: 40 hex digits each. @see BEP 38 */
  readonly similar?: readonly string[] | undefined;
  /** Names of collections of torrents. @see BEP 38 */
  readonly collections?: readonly string[] | undefined;
  /** The files without pad files. Paths are below the torrent's name, with `/`; that of a single file is its name. */
  readonly files: readonly FileDescription[];
  /** The symbolic links. Paths and targets are below the torrent's name, with `/`. @see BEP 47 */
  readonly symlinks?: readonly LinkDescription[] | undefined;
  /** The paths of the folders with nothing in them, below the torrent's name, with `/`. */
  readonly emptyFolders?: readonly string[] | undefined;
  /** Sentences about parts of the torrent that are not used. */
  readonly warnings?: readonly string[] | undefined;
}

/** A symbolic link. Its `text`, as `readlink` prints it, is absent when the link leads out of the folder, or nowhere. */
interface LinkDescription {
  readonly path: string;
  readonly target: string;
  readonly text?: string;
}

interface FileDescription {
  readonly path: string;
  /**
   * The path below the torrent's name at which a download into the current folder would put the file. It is given only if
   * another file has the same `path`.
   */
  readonly diskPath?: string;
  readonly size: number;
  readonly piecesRoot?: string;
  /** The SHA-256 of the file, 64 hex digits. */
  readonly sha256?: string;
  /** Attributes: `x` executable, `h` hidden, or both as `xh`. @see BEP 47 */
  readonly attr?: string;
}

/**
 * Describes a metainfo as `shoal show --json` prints it.
 *
 * @param diskPaths the result of `diskPathsOfDoubled()`; without it, no file has a `diskPath`
 */
export function describeTorrent(
  metainfo: Metainfo,
  diskPaths: ReadonlyMap<number, string> = new Map(),
): TorrentDescription {
  return {
    name: metainfo.name,
    version: metainfo.version,
    infoHash: metainfo.infoHash,
    infoHashV1: metainfo.infoHashV1,
    infoHashV2: metainfo.infoHashV2,
    contentId: contentIdOfTorrent(metainfo),
    size: metainfo.length,
    isSingleFile: metainfo.isSingleFile,
    pieceLength: metainfo.pieceLength,
    pieces: metainfo.pieceCount,
    isPrivate: metainfo.isPrivate,
    trackers: metainfo.announceList,
    otherTrackers: unlessEmpty(metainfo.otherTrackers),
    webSeeds: unlessEmpty(metainfo.urlList),
    httpSeeds: unlessEmpty(metainfo.httpSeeds),
    nodes: unlessEmpty(metainfo.nodes),
    comment: metainfo.comment,
    createdBy: metainfo.createdBy,
    createdAt: isoDate(metainfo.creationDate),
    encoding: metainfo.encoding,
    publisher: metainfo.publisher,
    publisherUrl: metainfo.publisherUrl,
    source: metainfo.source,
    similar: unlessEmpty(metainfo.similar),
    collections: unlessEmpty(metainfo.collections),
    files: metainfo.files.map((file, index) => describeFile(file, diskPaths.get(index))),
    symlinks: unlessEmpty(metainfo.symlinks.map(describeLink)),
    emptyFolders: unlessEmpty(metainfo.emptyFolders.map(({ path }) => path.join('/'))),
    warnings: unlessEmpty(metainfo.warnings),
  };
}

function describeLink(symlink: MetainfoSymlink): LinkDescription {
  const text = linkTargetOf(symlink);
  return {
    path: symlink.path.join('/'),
    target: symlink.target.map(nameInTorrent).join('/'),
    ...(text !== undefined && { text }),
  };
}

function describeFile(
  { path, length, piecesRoot, sha256, attr }: MetainfoFile,
  diskPath: string | undefined,
): FileDescription {
  return {
    path: path.join('/'),
    ...(diskPath !== undefined && { diskPath }),
    size: length,
    ...(piecesRoot !== undefined && { piecesRoot: toHex(piecesRoot) }),
    ...(sha256 !== undefined && { sha256: toHex(sha256) }),
    ...(attr !== undefined && { attr }),
  };
}

function unlessEmpty<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

/** Writes a date as ISO 8601. @returns `undefined` for a number that is no date, as a torrent may have */
function isoDate(seconds: number | undefined): string | undefined {
  const date = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

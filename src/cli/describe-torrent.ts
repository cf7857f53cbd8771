import type { Metainfo, MetainfoFile } from '../metainfo/index.ts';
import { toHex } from '../util/index.ts';

/**
 * The content of a `.torrent`, as `shoal show --json` prints it. Scripts depend on it: fields are added, but none is
 * taken away or given another meaning. What the torrent does not say is absent.
 */
export interface TorrentDescription {
  readonly name: string;
  readonly version: 'v1' | 'v2' | 'hybrid';
  /**
   * The info-hash by which peers and trackers name the torrent: v1 if it has one, else the first 20 bytes of the v2
   * hash. 40 hex digits.
   */
  readonly infoHash: string;
  /** 40 hex digits. */
  readonly infoHashV1?: string | undefined;
  /** 64 hex digits. */
  readonly infoHashV2?: string | undefined;
  /** Bytes of all files. */
  readonly size: number;
  readonly isSingleFile: boolean;
  readonly pieceLength: number;
  /** The number of pieces. */
  readonly pieces: number;
  readonly isPrivate: boolean;
  /** The trackers in tiers. @see BEP 12 */
  readonly trackers: readonly (readonly string[])[];
  /** Trackers of kinds that Shoal does not know, such as `ftp://tracker.example/`, and texts in their place. */
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
  /** @see BEP 38 */
  readonly collections?: readonly string[] | undefined;
  /** Paths below the torrent's name, with `/`; of a single file: its name. Pad files are not among them. */
  readonly files: readonly FileDescription[];
  /** Symbolic links, which Shoal does not make: paths below the torrent's name, with `/`. @see BEP 47 */
  readonly symlinks?: readonly { readonly path: string; readonly target: string }[] | undefined;
  /** Sentences that say what of the torrent is not used. */
  readonly warnings?: readonly string[] | undefined;
}

interface FileDescription {
  readonly path: string;
  /**
   * The path at which a download into the current folder would put the file, below the torrent's name. It is there only
   * where another file has the same `path`.
   */
  readonly diskPath?: string;
  readonly size: number;
  readonly piecesRoot?: string;
  /** Attributes: `x` executable, `h` hidden, or both as `xh`. @see BEP 47 */
  readonly attr?: string;
}

/**
 * Puts a metainfo into the words of `shoal show --json`.
 *
 * @param diskPaths of `diskPathsOfDoubled()`; absent: no file has a `diskPath`
 */
export function describeTorrent(
  metainfo: Metainfo,
  diskPaths: ReadonlyMap<number, string> = new Map(),
): TorrentDescription {
  const symlinks = metainfo.symlinks.map(({ path, target }) => ({
    path: path.join('/'),
    target: target.join('/'),
  }));
  return {
    name: metainfo.name,
    version: metainfo.version,
    infoHash: metainfo.infoHash,
    infoHashV1: metainfo.infoHashV1,
    infoHashV2: metainfo.infoHashV2,
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
    symlinks: unlessEmpty(symlinks),
    warnings: unlessEmpty(metainfo.warnings),
  };
}

function describeFile(
  { path, length, piecesRoot, attr }: MetainfoFile,
  diskPath: string | undefined,
): FileDescription {
  return {
    path: path.join('/'),
    ...(diskPath !== undefined && { diskPath }),
    size: length,
    ...(piecesRoot !== undefined && { piecesRoot: toHex(piecesRoot) }),
    ...(attr !== undefined && { attr }),
  };
}

function unlessEmpty<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

/** Writes a date as ISO 8601. @returns `undefined` for one that no calendar has: anything may stand in a torrent */
function isoDate(seconds: number | undefined): string | undefined {
  const date = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

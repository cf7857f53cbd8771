import {
  createTorrent,
  type HashPool,
  type HashProgress,
  type LeftOut,
  requireThere,
  torrentRootAt,
} from '../hashing/index.ts';
import { diskNameOf, type Metainfo, type MetainfoVersion } from '../metainfo/index.ts';
import type { TorrentToAnnounce } from '../tracker-client/index.ts';
import { formatCount, INFO_HASH_BYTES } from '../util/index.ts';
import { contentIdIn, offerFolder } from './folder-offer.ts';
import { lookAtFile } from './offered-files.ts';
import { SeederError } from './seeder-error.ts';

/** The source of an offer: a file, or a torrent with its files. The offer is made again when the files have changed. */
export type OfferSource =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** The path without links that it had at the start and must keep; `undefined` if links are followed. */
      readonly realPath?: string;
      readonly version: MetainfoVersion;
      /** The name of the torrent; `undefined` for that of the file. */
      readonly name?: string | undefined;
    }
  | FolderSource
  | {
      readonly kind: 'torrent';
      /** The bytes of a `.torrent`. */
      readonly torrent: Uint8Array;
      readonly metainfo: Metainfo;
      readonly data: string;
    };

/** A folder that is offered as one torrent. */
export interface FolderSource {
  readonly kind: 'folder';
  readonly path: string;
  readonly version: MetainfoVersion;
  /** The name of the torrent; `undefined` for that of the folder. */
  readonly name?: string | undefined;
  readonly hidden: boolean;
  readonly follow: boolean;
  /** Whether files that cannot be used are left out, and told. Without it they are an error. */
  readonly skipUnreadable: boolean;
}

/** A file of an offer, in the state in which it was hashed. */
export interface OfferedFile {
  readonly path: string;
  /** The `fileVersion()`. */
  readonly version: string;
  /** The path without links that it must have; `undefined` if links are followed. */
  readonly realPath?: string;
  /** The time of the last change of its inode before it was hashed, in nanoseconds since 1970; `undefined` when it is not known. */
  readonly changedNs?: bigint;
}

/** An offer that cannot be made yet: its files are missing, cannot be read, or are not those of its torrent. */
export interface AwaitedSource {
  readonly source: OfferSource;
  /** The file or folder. */
  readonly path: string;
  /** The `stateOf()` its files when they were read; `undefined` when they were not read, or it does not matter. */
  readonly state?: string | undefined;
  readonly reason: SeederError;
}

/** A torrent to seed. */
export interface Offer {
  readonly source: OfferSource;
  readonly metainfo: Metainfo;
  /** The bytes of its `.torrent`. */
  readonly torrent: Uint8Array;
  /** The file or folder. */
  readonly path: string;
  /** The files in the order of the metainfo. */
  readonly files: readonly OfferedFile[];
  /** A text for the state of all that the source has; `undefined` when it changed while it was read, or was not looked at. */
  readonly state?: string;
  /** The SHA-256 of a single file. */
  readonly sha256?: string;
  /** The content id of a folder. */
  readonly contentId?: string;
  /** The counts of what a folder has and its torrent has not; only when the folder was read. */
  readonly leftOut?: LeftOut;
  /** One error for each file of a folder that cannot be used and was left out. */
  readonly skipped?: readonly SeederError[];
}

/**
 * Reads the files of a source and makes an offer of them.
 *
 * @throws {SeederError} `MISMATCH` when they are not those of the torrent; `DISK` when another file, or a link that may not
 * be followed, has taken the place of one
 * @throws {HashingError} when they cannot be read
 * @throws {MetainfoError} for a torrent or a name that cannot be used
 * @throws the signal's reason
 */
export function makeOffer(pool: HashPool, source: OfferSource, progress: HashProgress): Promise<Offer> {
  switch (source.kind) {
    case 'file':
      return offerFile(pool, source, progress);
    case 'folder':
      return offerFolder(pool, source, progress);
    case 'torrent':
      return offerTorrent(pool, source, progress);
  }
}

/** Makes the description of an offer for the tracker. */
export function registrationOf({ metainfo, torrent, sha256, contentId }: Offer): TorrentToAnnounce {
  const { infoHash, infoHashV2, name, length } = metainfo;
  const truncated = infoHashV2?.slice(0, 2 * INFO_HASH_BYTES);
  return {
    infoHash,
    ...(truncated === undefined || truncated === infoHash ? {} : { infoHashV2: truncated }),
    // A tracker takes only names that a disk can hold.
    name: diskNameOf(name, 'linux'),
    size: length,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(contentId === undefined ? {} : { contentId }),
    ...(metainfo.isSingleFile ? {} : { files: metainfo.files.length }),
    metainfo: torrent,
  };
}

async function offerFile(
  pool: HashPool,
  source: OfferSource & { kind: 'file' },
  progress: HashProgress,
): Promise<Offer> {
  const { path, realPath, version, name } = source;
  const { metainfo, bytes, files } = await createTorrent(pool, path, {
    version,
    realPath,
    sha256: true,
    ...(name === undefined ? {} : { name }),
    ...progress,
  });
  const { sha256, version: fileVersion } = files[0]!;
  // This check comes after the read: a link may have led to another file meanwhile.
  if ((await lookAtFile(path, realPath).catch(() => undefined)) !== fileVersion) {
    const message = `Cannot seed ${path}: it changed while it was read, or a symbolic link has taken its place`;
    throw new SeederError('DISK', message, { path });
  }
  return {
    source,
    metainfo,
    torrent: bytes,
    path,
    files: [{ path, version: fileVersion, ...(realPath === undefined ? {} : { realPath }) }],
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

async function offerTorrent(
  pool: HashPool,
  source: OfferSource & { kind: 'torrent' },
  progress: HashProgress,
): Promise<Offer> {
  const { torrent, metainfo, data } = source;
  const { name, isSingleFile, pieceCount } = metainfo;
  await requireThere(data);
  const path = await torrentRootAt(metainfo, data);
  const found = await pool.verifyFiles(metainfo, path, { sha256: isSingleFile, ...progress });
  const missing = found.files.filter(({ fault }) => fault === 'missing');
  if (missing.length > 0) {
    const { diskPath } = missing[0]!;
    const more = missing.length > 1 ? `, nor ${missing.length - 1} more of its files` : '';
    throw new SeederError('DISK', `Cannot seed ${name}: ${diskPath} does not exist${more}`, {
      path: diskPath,
    });
  }
  if (!found.isComplete) {
    throw new SeederError(
      'MISMATCH',
      `Cannot seed ${name} from ${path}: it has ${found.good.count} of the torrent's ${formatCount(pieceCount, 'piece')}`,
      { path },
    );
  }
  const sha256 = isSingleFile ? found.files[0]?.sha256 : undefined;
  return {
    source,
    metainfo,
    torrent,
    path,
    files: found.files.map(({ diskPath, version }) => ({ path: diskPath, version })),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...contentIdIn(metainfo),
  };
}

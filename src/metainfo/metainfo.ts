import type { InfoHash } from '../util/index.ts';

/** The kinds of hashes that a torrent has: SHA-1 of pieces (v1), merkle trees of SHA-256 (v2), or both. @see BEP 52 */
export type MetainfoVersion = 'v1' | 'v2' | 'hybrid';

/** The place of a file, a link or an empty folder below the folder of a torrent. */
export interface EntryPath {
  /**
   * The path below the torrent's name, at least one name. It is the torrent's own, but characters that no file system can
   * hold are escaped, and so are bytes that are not UTF-8, so that no path leads outside. `diskPathsOf()` decides where it
   * goes on a disk: not every system can hold every name, and two files may have one path. For a single file it is `[name]`.
   */
  readonly path: readonly string[];
  /**
   * The same names with the very bytes that are not UTF-8, as the names of a Linux disk may have them: each such byte is
   * one half of a surrogate pair, U+DC80 to U+DCFF, as in PEP 383 of Python. Absent when all names are UTF-8.
   */
  readonly exactPath?: readonly string[];
}

/**
 * One file of a torrent. Pad files (BEP 47) are not files: they are gaps between `offset + length` and the next file,
 * and hold zeros, see `Pads`.
 */
export interface MetainfoFile extends EntryPath {
  /** Bytes. */
  readonly length: number;
  /**
   * The offset of the file's first byte in the torrent's stream of pieces: `floor(offset / pieceLength)` is its first
   * piece. In v2 and hybrid torrents it is a multiple of the piece length.
   */
  readonly offset: number;
  /** Root of the file's merkle tree, 32 bytes; absent in v1 and for an empty file. @see BEP 52, `pieces root` */
  readonly piecesRoot?: Uint8Array;
  /** Attributes of the file: `x` executable, `h` hidden, or both as `xh`; absent when it has neither. @see BEP 47 */
  readonly attr?: string;
  /** The SHA-256 of the whole file, 32 bytes, from `sha256`; absent if the torrent does not have it. */
  readonly sha256?: Uint8Array;
}

/** A symbolic link in the folder of a torrent. `linkTargetOf()` gives the text of the link. @see BEP 47 */
export interface MetainfoSymlink extends EntryPath {
  /**
   * The names below the torrent's folder that the link leads to, with bytes that are not UTF-8 as in
   * {@link EntryPath.exactPath}; empty for the folder itself, or if the torrent does not say. They are the torrent's own, and
   * may lead outside.
   */
  readonly target: readonly string[];
  /** The exact text of the link, as `readlink` gives it, from `link target`; absent if the torrent does not have it. */
  readonly linkText?: string;
}

/** A node of the DHT that a torrent names. @see BEP 5 */
export interface DhtNode {
  /** Host name or address. */
  readonly host: string;
  readonly port: number;
}

/** The part of a `.torrent` outside of `info`: it may differ between torrents of one info-hash. */
export interface OutsideInfo {
  /**
   * The trackers in tiers, from `announce-list`, and from `announce` when the list has none that Shoal can ask. URLs have
   * no white space around them; texts that are no URL of a tracker are left out.
   *
   * @see BEP 12
   */
  readonly announceList: readonly (readonly string[])[];
  /** Web seeds, from `url-list`, each once and without white space around it. @see BEP 19 */
  readonly urlList: readonly string[];
  /** Web seeds of the older kind, from `httpseeds`. @see BEP 17 */
  readonly httpSeeds: readonly string[];
  /** Nodes of the DHT, from `nodes`. Shoal does not use them. @see BEP 5 */
  readonly nodes: readonly DhtNode[];
  readonly comment?: string;
  readonly createdBy?: string;
  /** Seconds since 1970; not negative. */
  readonly creationDate?: number;
  /** The encoding of texts that are not UTF-8, as the torrent names it. Shoal reads all texts as UTF-8. */
  readonly encoding?: string;
  readonly publisher?: string;
  readonly publisherUrl?: string;
}

/** The content of a `.torrent`, checked. */
export interface Metainfo extends OutsideInfo {
  /**
   * The hashes that are used. A hybrid whose piece layers are missing or damaged is a v1 torrent here: its v1 half is
   * whole, and its v2 half cannot be checked. Its `infoHashV2` is absent, and one of the `warnings` says so.
   */
  readonly version: MetainfoVersion;
  /** Suggested name: of the file, or of the folder when there are several; escaped as {@link MetainfoFile.path}. */
  readonly name: string;
  /** Whether the torrent is a single file called `name` and not a folder of that name. */
  readonly isSingleFile: boolean;
  /** The bytes in a piece, a power of two in v2. Only the last piece may be shorter, and in v2 the last piece of each file. */
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** Bytes of all files, pad files not counted. */
  readonly length: number;
  /**
   * The bytes of the stream that is cut into pieces: all files with the gaps between them, and in v1 the pad files
   * after the last file.
   */
  readonly streamLength: number;
  /** The files in the order of the torrent, which is the order of their offsets. */
  readonly files: readonly MetainfoFile[];
  /** The info-hash by which peers and trackers name the torrent: v1 if it has one, else the first 20 bytes of the v2 hash. */
  readonly infoHash: InfoHash;
  /** SHA-1 of the info dictionary; absent in v2. */
  readonly infoHashV1?: InfoHash;
  /** SHA-256 of the info dictionary as 64 hex digits; absent in v1. */
  readonly infoHashV2?: string;
  /** SHA-1 of each piece, 20 bytes each; absent in v2. @see BEP 3, `pieces` */
  readonly pieces?: Uint8Array;
  /**
   * The piece layers by `pieces root` in hex: the SHA-256 of each piece of the file, 32 bytes each; for files of more
   * than one piece.
   *
   * @see BEP 52
   */
  readonly pieceLayers?: ReadonlyMap<string, Uint8Array>;
  readonly isPrivate: boolean;
  /**
   * The entries among the trackers that are in no tier of `announceList`: URLs of an unknown kind, such as
   * `ftp://tracker.example/`, and texts that are no URL. Each is listed once, at most `MAX_LISTED` of them.
   */
  readonly otherTrackers: readonly string[];
  /** The symbolic links, which are not among the `files`. */
  readonly symlinks: readonly MetainfoSymlink[];
  /** The folders with nothing in them, from `empty folders`. */
  readonly emptyFolders: readonly EntryPath[];
  /** A text that private trackers put into `info`, so that the same files get an info-hash of their own. */
  readonly source?: string;
  /** Torrents that may have files in common with this one. @see BEP 38 */
  readonly similar: readonly InfoHash[];
  /** Names of collections whose torrents may have files in common. @see BEP 38 */
  readonly collections: readonly string[];
  /** Sentences for people that name the parts of the torrent that are not used, or used in a changed form, and why. */
  readonly warnings: readonly string[];
  /** The bytes of the info dictionary as they stand in the file. The info-hash is their hash. */
  readonly infoBytes: Uint8Array;
}

import type { EntryPath, MetainfoSymlink, MetainfoVersion, OutsideInfo } from './metainfo.ts';

/** A file of a new torrent, with its hashes. A name that is not UTF-8 is written as `exactPath` has it. */
export interface HashedFile extends EntryPath {
  /** Bytes. */
  readonly length: number;
  /** The root of the file's merkle tree, 32 bytes. A v2 or hybrid torrent needs it for each file that is not empty. */
  readonly piecesRoot?: Uint8Array;
  /** The roots of the file's pieces, 32 bytes each, one after the other. A file of more than one piece needs them in v2. */
  readonly pieceLayer?: Uint8Array;
  /** The SHA-256 of the whole file, 32 bytes, which goes into the torrent of a folder. By default none is written. */
  readonly sha256?: Uint8Array;
  /** The attributes as in `MetainfoFile`, `x` for an executable file. By default none are written. @see BEP 47 */
  readonly attr?: string;
}

/** The part of a `.torrent` outside `info`: it may change, and the info-hash stays the same. */
export type MetainfoExtras = Partial<OutsideInfo>;

/** A torrent to be made by {@link createMetainfo}. */
export interface NewMetainfo extends MetainfoExtras {
  readonly version: MetainfoVersion;
  readonly name: string;
  /** Whether the torrent is one file; then the path of that file is `[name]`. */
  readonly isSingleFile: boolean;
  readonly pieceLength: number;
  /** The files: in any order in v1; in v2 and hybrid sorted by `compareFilePaths()`, which is the order of the file tree. */
  readonly files: readonly HashedFile[];
  /**
   * The SHA-1 of each piece, 20 bytes each, one after the other. A v1 or hybrid torrent needs them. In a hybrid each file
   * starts with a piece, the gaps between files count as zeros, and the last piece ends with the last file.
   */
  readonly pieces?: Uint8Array;
  /** The symbolic links, in any order; `linkTargetOf()` must find a text for each. By default there are none. @see BEP 47 */
  readonly symlinks?: readonly MetainfoSymlink[];
  /** The folders with nothing in them, in any order. By default there are none. */
  readonly emptyFolders?: readonly EntryPath[];
  readonly isPrivate?: boolean;
}

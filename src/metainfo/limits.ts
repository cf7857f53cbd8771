import { BLOCK_BYTES } from './block.ts';

/**
 * The most bytes of one `.torrent` on a disk or in memory. A tracker's registry takes fewer of those that come over the
 * network, see `MAX_REGISTERED_METAINFO_BYTES`.
 */
export const MAX_METAINFO_BYTES = 64 * 1024 * 1024;
/**
 * Files in one torrent, pad files and symbolic links not counted. libtorrent takes at most 3,000,000 values in one torrent,
 * which are 375,000 files.
 */
export const MAX_FILES = 400_000;
/**
 * Names in the paths of one torrent, each as often as it stands in a path, and the entries of its list or tree of files: in
 * each half of a hybrid. libtorrent takes as many values at most.
 */
export const MAX_NAMES = 3_000_000;
/**
 * Those of {@link MAX_NAMES} that the file before does not have in its path at the same depth. They are what the time to
 * use a torrent grows with.
 */
export const MAX_NEW_NAMES = 1_000_000;
/** Pieces in one torrent. */
export const MAX_PIECES = 1_000_000;
/** Bytes in a piece. To be downloaded, it must be no longer than `MAX_DOWNLOADED_PIECE_LENGTH`. */
export const MAX_PIECE_LENGTH = 512 * 1024 * 1024;
/** Bytes in a piece of a v2 torrent: one block. @see BEP 52, `piece length` */
export const MIN_V2_PIECE_LENGTH = BLOCK_BYTES;
/** Lists and dictionaries in each other in one `.torrent`, as many as libtorrent takes. */
export const MAX_METAINFO_DEPTH = 100;
/** Names in the path of a file on disk, and in a new torrent: as deep as a v2 file tree can be within {@link MAX_METAINFO_DEPTH}. */
export const MAX_PATH_DEPTH = 95;
/** Bytes in UTF-8 of the name of a file or folder on disk; on Windows, UTF-16 units. A longer one is cut. */
export const MAX_NAME_BYTES = 255;
/**
 * Bytes of the path of a file below the folder of its torrent, with `/` between the names; on macOS a quarter of it. A
 * longer one is shortened.
 */
export const MAX_PATH_BYTES = 3072;
/** Names in one path of a torrent. That is deeper than any disk takes, so the path is shortened on disk. */
export const MAX_PATH_NAMES = 10_000;
/** Bytes of one name, URL or other text in a torrent, comments too. */
export const MAX_TEXT_BYTES = 64 * 1024;
/** Tracker URLs in one torrent. */
export const MAX_TRACKERS = 1000;
/** Entries that are kept of each other list in a torrent: web seeds, DHT nodes, similar torrents, collections. */
export const MAX_LISTED = 1000;
/** Symbolic links that are kept of one torrent: they are only shown. */
export const MAX_SYMLINKS = 10_000;

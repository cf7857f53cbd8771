import { BLOCK_BYTES } from './block.ts';

/**
 * The most bytes of one `.torrent` on a disk or in memory. A tracker's registry takes fewer of those that come over the
 * network, see `MAX_REGISTERED_METAINFO_BYTES`.
 */
export const MAX_METAINFO_BYTES = 64 * 1024 * 1024;
/**
 * The most files, symbolic links and empty folders together in one torrent; pad files are not counted. libtorrent takes
 * at most 3,000,000 values in one torrent, which are 375,000 files.
 */
export const MAX_FILES = 400_000;
/**
 * The most names in the paths of one torrent, each as often as it stands in a path, together with the entries of its list
 * or tree of files. It holds for each half of a hybrid. libtorrent takes at most as many values.
 */
export const MAX_NAMES = 3_000_000;
/**
 * The most of the names of {@link MAX_NAMES} that the file before does not have at the same depth. The time to use a
 * torrent grows with their number.
 */
export const MAX_NEW_NAMES = 1_000_000;
/** The most pieces in one torrent. */
export const MAX_PIECES = 1_000_000;
/** The most bytes in a piece. A piece that is downloaded may have at most `MAX_DOWNLOADED_PIECE_LENGTH`. */
export const MAX_PIECE_LENGTH = 512 * 1024 * 1024;
/** The fewest bytes in a piece of a v2 torrent: one block. @see BEP 52, `piece length` */
export const MIN_V2_PIECE_LENGTH = BLOCK_BYTES;
/** The deepest nesting of lists and dictionaries in one `.torrent`, the same as in libtorrent. */
export const MAX_METAINFO_DEPTH = 100;
/**
 * The most names in the path of a file on disk, and in a new torrent: as many as a v2 file tree can have within
 * {@link MAX_METAINFO_DEPTH}.
 */
export const MAX_PATH_DEPTH = 95;
/** The most bytes of the name of a file or folder on disk, in UTF-8; on Windows, UTF-16 units. A longer name is cut. */
export const MAX_NAME_BYTES = 255;
/**
 * The most bytes of the path of a file below the folder of its torrent, with `/` between the names; on macOS a quarter of
 * it. A longer path is shortened.
 */
export const MAX_PATH_BYTES = 3072;
/** The most names in one path of a torrent. No disk takes a path as deep as this: it is shortened on disk. */
export const MAX_PATH_NAMES = 10_000;
/** The most bytes of one name, URL, comment or other text in a torrent. */
export const MAX_TEXT_BYTES = 64 * 1024;
/** The most tracker URLs in one torrent. */
export const MAX_TRACKERS = 1000;
/** The most entries that are kept of each other list in a torrent: web seeds, DHT nodes, similar torrents, collections. */
export const MAX_LISTED = 1000;
/** The most bytes of the text of a symbolic link, the same as on Linux. */
export const MAX_LINK_BYTES = 4095;

/**
 * Bytes of one `.torrent` on a disk or in memory. A tracker's registry takes less of those that come over the network,
 * see `MAX_REGISTERED_METAINFO_BYTES`.
 */
export const MAX_METAINFO_BYTES = 64 * 1024 * 1024;
/** Files in one torrent, pad files and symbolic links not counted. */
export const MAX_FILES = 1_000_000;
/** Pieces in one torrent. */
export const MAX_PIECES = 1_000_000;
/** Bytes in a piece, as other programs make them: a piece is held in memory while it is downloaded. */
export const MAX_PIECE_LENGTH = 64 * 1024 * 1024;
/** Bytes in a piece of a v2 torrent: one block. @see BEP 52, `piece length` */
export const MIN_V2_PIECE_LENGTH = 16 * 1024;
/** Names in one path, so that the file tree stays within the depth that bencode is read to. */
export const MAX_PATH_DEPTH = 50;
/** Bytes of one file or folder name in UTF-8: what most file systems take. */
export const MAX_NAME_BYTES = 255;
/** Tracker URLs in one torrent. */
export const MAX_TRACKERS = 1000;
/** Entries that are kept of each other list in a torrent: web seeds, DHT nodes, similar torrents, collections. */
export const MAX_LISTED = 1000;
/** Symbolic links that are kept of one torrent: they are only shown. */
export const MAX_SYMLINKS = 10_000;

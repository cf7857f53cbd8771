/** Bytes of one `.torrent`. */
export const MAX_METAINFO_BYTES = 16 * 1024 * 1024;
/** Bencoded values in one `.torrent`: each file takes about 4 of them in v1 and in v2, a pad file 6. */
export const MAX_METAINFO_VALUES = 1_000_000;
/** Files in one torrent, pad files not counted. */
export const MAX_FILES = 100_000;
/** Pieces in one torrent: about what a v2 metainfo of the largest size has room for. */
export const MAX_PIECES = 500_000;
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

/** Where files stand in a torrent's stream of pieces. */
export interface StreamLayout {
  /** Of each file's first byte. */
  readonly offsets: readonly number[];
  /** Where the last byte of the last file ends. */
  readonly streamLength: number;
}

/**
 * Lays files out one after the other.
 *
 * @param lengths bytes of each file
 * @param pieceLength if given, each file starts on a boundary of pieces, as in v2 and hybrid torrents
 * @see BEP 3, BEP 52 `piece length`
 */
export function layOutFiles(lengths: readonly number[], pieceLength?: number): StreamLayout {
  const offsets: number[] = [];
  let end = 0;
  let streamLength = 0;
  for (const length of lengths) {
    const offset = pieceLength === undefined ? end : Math.ceil(end / pieceLength) * pieceLength;
    offsets.push(offset);
    end = offset + length;
    if (length > 0) streamLength = end;
  }
  return { offsets, streamLength };
}

/** Pieces of about 2,000: enough to share out early, few enough for a small metainfo. */
const PIECES_WANTED = 2000;
const LEAST_PIECE_LENGTH = 16 * 1024;
const GREATEST_PIECE_LENGTH = 16 * 1024 * 1024;

/**
 * The piece length that Shoal gives to a torrent of `length` bytes: the least power of two from 16 KiB to 16 MiB that
 * makes no more than 2,000 pieces, or else 16 MiB. A function of the size alone, so that the same file gets the same
 * info-hash everywhere.
 */
export function choosePieceLength(length: number): number {
  let pieceLength = LEAST_PIECE_LENGTH;
  while (pieceLength < GREATEST_PIECE_LENGTH && length > pieceLength * PIECES_WANTED) pieceLength *= 2;
  return pieceLength;
}

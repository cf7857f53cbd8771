import { badField } from './errors.ts';
import { MAX_PIECE_LENGTH, MIN_V2_PIECE_LENGTH } from './limits.ts';

/**
 * Checks a piece length: 1 byte to {@link MAX_PIECE_LENGTH}, and in v2 a power of two from 16 KiB.
 *
 * @throws {MetainfoError} `BAD_FIELD`
 * @see BEP 52, `piece length`
 */
export function checkPieceLength(pieceLength: number, isV2: boolean): void {
  if (!Number.isInteger(pieceLength) || pieceLength < 1 || pieceLength > MAX_PIECE_LENGTH) {
    throw badField('piece length', `must be an integer from 1 to ${MAX_PIECE_LENGTH}, found ${pieceLength}`);
  }
  if (isV2 && (pieceLength < MIN_V2_PIECE_LENGTH || (pieceLength & (pieceLength - 1)) !== 0)) {
    throw badField(
      'piece length',
      `must be a power of two from ${MIN_V2_PIECE_LENGTH}, found ${pieceLength}`,
    );
  }
}

/** Enough pieces to share the first ones early, few enough for a small metainfo. */
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

import { MetainfoError } from './errors.ts';
import { MAX_PIECE_LENGTH, MIN_V2_PIECE_LENGTH } from './limits.ts';
import type { MetainfoVersion } from './metainfo.ts';

/**
 * Checks the piece length of a torrent that is to be made: 1 byte to {@link MAX_PIECE_LENGTH}, and in v2 a power of two from
 * 16 KiB.
 *
 * @throws {MetainfoError} `BAD_FIELD`
 * @see BEP 52, `piece length`
 */
export function checkPieceLength(pieceLength: number, isV2: boolean): void {
  const fault = pieceLengthFault(pieceLength, isV2);
  if (fault === undefined) return;
  const field = 'piece length';
  throw new MetainfoError('BAD_FIELD', `Cannot make a torrent: the piece length ${fault}`, { field });
}

/** Finds the fault of a piece length, as a clause behind "the piece length"; `undefined` when there is none. */
export function pieceLengthFault(pieceLength: number, isV2: boolean): string | undefined {
  if (!Number.isInteger(pieceLength) || pieceLength < 1 || pieceLength > MAX_PIECE_LENGTH) {
    return `must be an integer from 1 to ${MAX_PIECE_LENGTH}, found ${pieceLength}`;
  }
  if (isV2 && (pieceLength < MIN_V2_PIECE_LENGTH || (pieceLength & (pieceLength - 1)) !== 0)) {
    return `must be a power of two from ${MIN_V2_PIECE_LENGTH}, found ${pieceLength}`;
  }
  return undefined;
}

/** The most pieces of a torrent of up to 1 GB: enough to share the first ones early, few enough for a small metainfo. */
const FEW_PIECES = 2000;
const GREATEST_PIECE_LENGTH = 16 * 1024 * 1024;
/** The most pad bytes per byte of files. With more pads, pieces are made shorter if files start with pieces. */
const PADS_SHARE = 1 / 8;
/** The factor by which pads may raise the number of pieces over the number by size alone, beside two for each file. */
const MORE_PIECES = 8;

/**
 * Chooses the piece length of a torrent: the least power of two from 16 KiB to 16 MiB that makes no more than 2,000
 * pieces or, from 1 GB on, a sixteenth of the square root of the bytes, as in libtorrent.
 *
 * In v2 and hybrid torrents, files start with pieces, so that a folder of small files would be mostly pad bytes. Pieces
 * are then made shorter until pads are at most an eighth of the bytes of files, or there would be too many pieces.
 *
 * For a single file it is a function of its size alone, so that the same file gets the same info-hash everywhere. What
 * was measured is in `docs/piece-length.md`.
 *
 * @param lengths bytes of each file, in the order of the torrent
 */
export function choosePieceLength(lengths: readonly number[], version: MetainfoVersion): number {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const most = Math.max(FEW_PIECES, Math.sqrt(total) / 16);
  let pieceLength = MIN_V2_PIECE_LENGTH;
  while (pieceLength < GREATEST_PIECE_LENGTH && total > pieceLength * most) pieceLength *= 2;
  if (version === 'v1') return pieceLength;
  const mostWithPads = MORE_PIECES * most + 2 * lengths.length;
  while (
    pieceLength > MIN_V2_PIECE_LENGTH &&
    padBytes(lengths, pieceLength) > total * PADS_SHARE &&
    pieceCount(lengths, pieceLength / 2) <= mostWithPads
  ) {
    pieceLength /= 2;
  }
  return pieceLength;
}

/** Counts the bytes between files that start with pieces. There are none behind the last one. */
function padBytes(lengths: readonly number[], pieceLength: number): number {
  const padsOf = (length: number) => (pieceLength - (length % pieceLength)) % pieceLength;
  return lengths.reduce((sum, length, at) => sum + (at < lengths.length - 1 ? padsOf(length) : 0), 0);
}

/** Counts the pieces of files that start with pieces. */
function pieceCount(lengths: readonly number[], pieceLength: number): number {
  return lengths.reduce((sum, length) => sum + Math.ceil(length / pieceLength), 0);
}

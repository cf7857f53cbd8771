import { toHex } from '../util/index.ts';
import { leavesPerPiece, MERKLE_HASH_BYTES } from './merkle.ts';
import type { Metainfo, MetainfoFile } from './metainfo.ts';

/** The bytes of a SHA-1, which each entry in `pieces` is. @see BEP 3 */
export const PIECE_HASH_BYTES = 20;

/** The root that a v2 piece must hash to. */
export interface PieceRoot {
  /** The root over the piece's leaves, 32 bytes. */
  readonly hash: Uint8Array;
  /** The number of bytes from the start of the piece that belong to a file: in a hybrid, pad bytes may follow. */
  readonly dataLength: number;
  /** The number of leaves below the root, a power of two. Leaves beyond the data are zeros. */
  readonly leafCount: number;
}

/** The hashes that a piece must have. In a hybrid both must match. */
export interface PieceHash {
  /** The SHA-1 of the whole piece as {@link pieceLengthAt} has it, 20 bytes. */
  readonly sha1?: Uint8Array;
  readonly root?: PieceRoot;
}

/**
 * Counts the bytes of a piece as peers exchange it. In v1 and hybrid torrents, gaps between files belong to pieces, and
 * only the last piece is shorter. In v2, a piece ends where its file ends.
 *
 * @see BEP 3, BEP 52 `piece length`
 */
export function pieceLengthAt(metainfo: Metainfo, index: number): number {
  checkIndex(metainfo, index);
  const start = index * metainfo.pieceLength;
  const end = metainfo.version === 'v2' ? endOfFile(fileAt(metainfo, start)) : metainfo.streamLength;
  return Math.min(metainfo.pieceLength, end - start);
}

/** Finds the length of the longest piece: less than the piece length for a torrent of small files, or of one piece. */
export function longestPieceLength({ version, files, pieceLength, streamLength }: Metainfo): number {
  const longest =
    version === 'v2' ? files.reduce((most, { length }) => Math.max(most, length), 0) : streamLength;
  return Math.min(pieceLength, longest);
}

/** Finds the hashes that a piece must have. They are views into the metainfo. */
export function expectedPieceHash(metainfo: Metainfo, index: number): PieceHash {
  checkIndex(metainfo, index);
  const { pieces } = metainfo;
  return {
    ...(pieces && { sha1: pieces.subarray(index * PIECE_HASH_BYTES, (index + 1) * PIECE_HASH_BYTES) }),
    ...(metainfo.pieceLayers && { root: rootOf(metainfo, metainfo.pieceLayers, index) }),
  };
}

/**
 * Finds the file that holds the byte at `position` of the stream, or the file before it when the byte is in a gap. It is
 * never an empty file.
 *
 * @param position in [0, streamLength)
 */
export function fileAt(metainfo: Metainfo, position: number): MetainfoFile {
  return metainfo.files[fileIndexAt(metainfo.files, position)]!;
}

/** Finds the index of the file that {@link fileAt} finds. */
export function fileIndexAt(files: readonly MetainfoFile[], position: number): number {
  // The files below `low` start at or before the position, and those from `high` on start behind it.
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (files[middle]!.offset <= position) low = middle + 1;
    else high = middle;
  }
  let index = low - 1;
  while (index > 0 && files[index]!.length === 0) index -= 1;
  return index;
}

function rootOf(metainfo: Metainfo, layers: ReadonlyMap<string, Uint8Array>, index: number): PieceRoot {
  const { pieceLength } = metainfo;
  const start = index * pieceLength;
  const file = fileAt(metainfo, start);
  const root = file.piecesRoot!;
  const at = ((start - file.offset) / pieceLength) * MERKLE_HASH_BYTES;
  return {
    hash: file.length > pieceLength ? layers.get(toHex(root))!.subarray(at, at + MERKLE_HASH_BYTES) : root,
    dataLength: Math.min(pieceLength, endOfFile(file) - start),
    leafCount: leavesPerPiece(file.length, pieceLength),
  };
}

function endOfFile(file: MetainfoFile): number {
  return file.offset + file.length;
}

function checkIndex(metainfo: Metainfo, index: number): void {
  if (!(index >= 0 && index < metainfo.pieceCount)) {
    throw new RangeError(`Cannot use piece ${index}: there are ${metainfo.pieceCount} pieces`);
  }
}

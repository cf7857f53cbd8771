/** A block, asked for or sent: bytes [begin, begin + length) of a piece. @see BEP 3, `request` */
export interface BlockRequest {
  readonly index: number;
  readonly begin: number;
  readonly length: number;
}

/** How a torrent is cut into pieces. */
export interface PieceGeometry {
  readonly pieceCount: number;
  /** Bytes in a piece, save for those that {@link PieceGeometry.pieceLengthAt} says are shorter. */
  readonly pieceLength: number;
  /** Bytes in the piece `index`, which is in [0, pieceCount). */
  pieceLengthAt(index: number): number;
}

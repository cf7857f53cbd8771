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
  /** Whether peers may ask for whole pieces where a piece is shorter, the last one included, as in v2 torrents. */
  readonly isPadded?: boolean;
}

/**
 * Bytes of the piece `index` that a peer may ask for. In a v2 torrent libtorrent up to 2.0.12 asks for whole pieces,
 * zeros behind the end of a file included.
 */
export function requestableLength(geometry: PieceGeometry, index: number): number {
  return geometry.isPadded === true ? geometry.pieceLength : geometry.pieceLengthAt(index);
}

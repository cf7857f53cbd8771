/** A block that is requested or sent: bytes [begin, begin + length) of the piece `index`. @see BEP 3, `request` */
export interface BlockRequest {
  readonly index: number;
  readonly begin: number;
  readonly length: number;
}

/** The sizes of the pieces of a torrent. */
export interface PieceGeometry {
  readonly pieceCount: number;
  /** The bytes in a piece. {@link PieceGeometry.pieceLengthAt} tells which pieces are shorter. */
  readonly pieceLength: number;
  /** Tells the bytes in the piece `index`, which is in [0, pieceCount). */
  pieceLengthAt(index: number): number;
  /** Whether peers may request all `pieceLength` bytes even of a shorter piece, as in v2 torrents. */
  readonly isPadded?: boolean;
}

/**
 * Counts the bytes of the piece `index` that a peer may request. In a v2 torrent, libtorrent up to 2.0.12 requests whole
 * pieces, with the zeros behind the end of a file.
 */
export function requestableLength(geometry: PieceGeometry, index: number): number {
  return geometry.isPadded === true ? geometry.pieceLength : geometry.pieceLengthAt(index);
}

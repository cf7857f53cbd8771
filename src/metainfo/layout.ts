/** The places of files in a torrent's stream of pieces. */
export interface StreamLayout {
  /** The offset of each file's first byte. */
  readonly offsets: readonly number[];
  /** The offset behind the last byte of the last file. */
  readonly streamLength: number;
}

/**
 * Lays files out one after the other.
 *
 * @param lengths bytes of each file
 * @param pieceLength the bytes of a piece when each file is to start with one, as in v2 and hybrid torrents; `undefined`
 * for files without gaps
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

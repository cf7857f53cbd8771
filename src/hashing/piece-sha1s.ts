import { createHash } from 'node:crypto';
import { PIECE_HASH_BYTES } from '../metainfo/index.ts';

const ZEROS = new Uint8Array(64 * 1024);
/** The last piece of zeros that was hashed, since a torrent may have very many. */
let zeroPiece: { readonly length: number; readonly sha1: Uint8Array } | undefined;

/** A hasher for the SHA-1 of each piece of a range. The bytes come in order, in parts of any length. */
export class PieceSha1s {
  /** The hashes, 20 bytes for each piece. They are complete when all bytes were added. */
  readonly sha1s: Uint8Array;
  readonly #pieceLength: number;
  #running = createHash('sha1');
  /** The bytes still to come in the range, and in the piece that is being hashed. */
  #left: number;
  #leftOfPiece: number;
  /** Whether no byte was added yet of the piece that is being hashed. */
  #isAtStart = true;
  #at = 0;

  /** @param length the bytes of the range: whole pieces, of which the last one may be shorter */
  constructor(length: number, pieceLength: number) {
    this.sha1s = new Uint8Array(Math.ceil(length / pieceLength) * PIECE_HASH_BYTES);
    this.#pieceLength = pieceLength;
    this.#left = length;
    this.#leftOfPiece = Math.min(length, pieceLength);
  }

  add(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      const part = bytes.subarray(from, from + this.#leftOfPiece);
      this.#running.update(part);
      from += part.length;
      this.#left -= part.length;
      this.#leftOfPiece -= part.length;
      this.#isAtStart = false;
      if (this.#leftOfPiece === 0) this.#endPiece(this.#running.digest());
    }
  }

  /** Adds zeros. Pieces that are all zeros are hashed once. */
  addZeros(count: number): void {
    for (let left = count; left > 0; ) {
      const length = this.#leftOfPiece;
      if (this.#isAtStart && left >= length && zeroPiece?.length === length) {
        left -= length;
        this.#left -= length;
        this.#endPiece(zeroPiece.sha1);
        continue;
      }
      const isWhole = this.#isAtStart && left >= length;
      for (const end = left - Math.min(left, length); left > end; ) {
        const part = ZEROS.subarray(0, left - end);
        this.add(part);
        left -= part.length;
      }
      if (isWhole) zeroPiece = { length, sha1: this.sha1s.slice(this.#at - PIECE_HASH_BYTES, this.#at) };
    }
  }

  #endPiece(sha1: Uint8Array): void {
    this.sha1s.set(sha1, this.#at);
    this.#at += PIECE_HASH_BYTES;
    this.#running = createHash('sha1');
    this.#isAtStart = true;
    this.#leftOfPiece = Math.min(this.#left, this.#pieceLength);
  }
}

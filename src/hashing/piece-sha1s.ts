import { createHash } from 'node:crypto';
import { PIECE_HASH_BYTES } from '../metainfo/index.ts';

const ZEROS = new Uint8Array(64 * 1024);

/** The SHA-1 of each piece of a range whose bytes come in order, in parts of any length. */
export class PieceSha1s {
  /** 20 bytes a piece, whole when all bytes were added. */
  readonly sha1s: Uint8Array;
  readonly #pieceLength: number;
  #running = createHash('sha1');
  /** Bytes that are still to come, and those of them that belong to the running piece. */
  #left: number;
  #leftOfPiece: number;
  #at = 0;

  /** @param length bytes of the range: whole pieces, but the last one may be shorter */
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
      if (this.#leftOfPiece === 0) this.#endPiece();
    }
  }

  addZeros(count: number): void {
    for (let left = count; left > 0; left -= ZEROS.length) this.add(ZEROS.subarray(0, left));
  }

  #endPiece(): void {
    this.sha1s.set(this.#running.digest(), this.#at);
    this.#at += PIECE_HASH_BYTES;
    this.#running = createHash('sha1');
    this.#leftOfPiece = Math.min(this.#left, this.#pieceLength);
  }
}

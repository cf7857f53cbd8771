import type { Metainfo } from './metainfo.ts';
import { pieceLengthAt } from './piece.ts';
import { Layout } from './segments.ts';

/**
 * The pad bytes in the pieces of a torrent: the gaps between its files. A hybrid has them so that each file starts with a
 * piece, and a v1 torrent by its pad files. They are always zeros, whatever a peer sends. They are never downloaded or
 * stored, and count neither as missing nor as received.
 *
 * @see BEP 47, BEP 52 "Upgrade Path"
 */
export class Pads {
  readonly #metainfo: Metainfo;
  readonly #layout: Layout;

  private constructor(metainfo: Metainfo) {
    this.#metainfo = metainfo;
    this.#layout = new Layout(metainfo.files);
  }

  /**
   * Finds the pads of a torrent.
   *
   * @returns `undefined` for a torrent without pads, as every v2 torrent is
   */
  static of(metainfo: Metainfo): Pads | undefined {
    const { version, length, streamLength } = metainfo;
    return version !== 'v2' && length < streamLength ? new Pads(metainfo) : undefined;
  }

  /** Calls `visit` for each run of pad bytes in a piece; `begin` counts from the start of the piece. */
  visit(index: number, visit: (begin: number, length: number) => void): void {
    const length = pieceLengthAt(this.#metainfo, index);
    this.#layout.visit(index * this.#metainfo.pieceLength, length, (file, _, begin, partLength) => {
      if (file < 0) visit(begin, partLength);
    });
  }

  /** Counts the bytes of files in a piece. */
  dataLengthAt(index: number): number {
    let length = pieceLengthAt(this.#metainfo, index);
    this.visit(index, (_, padLength) => {
      length -= padLength;
    });
    return length;
  }

  /**
   * Finds how much of each block of a piece must be downloaded: up to its last byte of a file, 0 when it has none.
   *
   * @param blockBytes the bytes of every block but the last, at most 65,535
   * @returns the bytes by block; `undefined` when the piece has no pad bytes
   */
  wantedLengthsAt(index: number, blockBytes: number): Uint16Array | undefined {
    const { pieceLength } = this.#metainfo;
    const length = pieceLengthAt(this.#metainfo, index);
    let wanted: Uint16Array | undefined;
    this.visit(index, () => {
      wanted ??= new Uint16Array(Math.ceil(length / blockBytes));
    });
    if (wanted === undefined) return undefined;
    const lengths = wanted;
    this.#layout.visit(index * pieceLength, length, (file, _, begin, partLength) => {
      if (file < 0) return;
      const end = begin + partLength;
      for (let block = Math.floor(begin / blockBytes); block * blockBytes < end; block += 1) {
        lengths[block] = Math.min(end - block * blockBytes, blockBytes);
      }
    });
    return wanted;
  }

  /** Lists the pieces that lie wholly in pads, in ascending order. A hybrid has none. */
  *wholePieces(): Generator<number> {
    const { files, pieceLength, pieceCount, streamLength } = this.#metainfo;
    let gapStart = 0;
    for (const { offset, length } of [...files, { offset: streamLength, length: 1 }]) {
      if (length === 0) continue;
      const end = offset === streamLength ? pieceCount : Math.floor(offset / pieceLength);
      for (let index = Math.ceil(gapStart / pieceLength); index < end; index += 1) yield index;
      gapStart = offset + length;
    }
  }
}

/** Counts the bytes of a piece that must be downloaded, which are those of files. @param pads the torrent's pads */
export function dataLengthAt(metainfo: Metainfo, pads: Pads | undefined, index: number): number {
  return pads?.dataLengthAt(index) ?? pieceLengthAt(metainfo, index);
}

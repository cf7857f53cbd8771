/** The place of a file in the torrent's stream of pieces. */
export interface Placement {
  readonly offset: number;
  readonly length: number;
}

/**
 * The callback for each part of a range of the stream: a part of one file, or of one gap between files.
 *
 * @param file index of the file, or -1 for a gap
 * @param fileOffset the offset of the part in the file
 * @param at the offset of the part in the range
 */
export type VisitSegment = (file: number, fileOffset: number, at: number, length: number) => void;

/** A map of ranges of the stream of pieces to parts of files. Files are in the order of their offsets. @see BEP 3, BEP 47 */
export class Layout {
  readonly #files: readonly Placement[];

  constructor(files: readonly Placement[]) {
    this.#files = files;
  }

  /** Calls `visit` for each part of `[offset, offset + length)` in order; the parts cover it without overlap. */
  visit(offset: number, length: number, visit: VisitSegment): void {
    const end = offset + length;
    let position = offset;
    for (let file = this.#firstEndingAfter(offset); position < end; file += 1) {
      const placement = this.#files[file];
      const start = placement === undefined ? end : Math.min(placement.offset, end);
      if (start > position) {
        visit(-1, 0, position - offset, start - position);
        position = start;
      }
      if (placement === undefined || position === end) return;
      const stop = Math.min(placement.offset + placement.length, end);
      if (stop > position) {
        visit(file, position - placement.offset, position - offset, stop - position);
        position = stop;
      }
    }
  }

  /** Finds the first file with a byte after `offset`. @returns its index; the number of files when there is none */
  #firstEndingAfter(offset: number): number {
    let low = 0;
    let high = this.#files.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { offset: start, length } = this.#files[middle]!;
      if (start + length > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

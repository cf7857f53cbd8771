/** A file on disk, and its place in a torrent's stream. */
export interface StreamFile {
  /** The path on disk. */
  readonly path: string;
  /** Its path without links, if no link may be followed to it; `undefined` if links are followed. */
  readonly realPath?: string | undefined;
  /** The bytes that it should have. */
  readonly length: number;
  readonly offset: number;
}

/** The bytes of one file within a range. */
export interface RangePart {
  /** The index of the file. */
  readonly file: number;
  /** The offset in the range. */
  readonly begin: number;
  /** The offset in the file. */
  readonly position: number;
  readonly length: number;
}

/** A range of consecutive pieces of a torrent. */
export interface StreamRange {
  /** The offset in the stream, at which a piece begins. */
  readonly start: number;
  /** The length in bytes: whole pieces, of which only the stream's last one may be shorter. */
  readonly length: number;
  /** The files in the range, in the order of the stream, empty files among them. Gaps between them count as zeros. */
  readonly parts: readonly RangePart[];
}

/**
 * The most files of one range, unless more are empty or lie in one piece. Small files take longer than their bytes do, so that
 * a range of very many would keep one thread busy while the others wait.
 */
const MAX_FILES_IN_RANGE = 500;

/**
 * Divides a stream into ranges that can be hashed independently, in the order of the stream. Each file is in at least one
 * of them.
 *
 * @param files the files in the order of their offsets
 * @param rangeBytes the length of a range; a piece that is longer is a range of its own
 */
export function* rangesOf(
  files: readonly StreamFile[],
  streamLength: number,
  pieceLength: number,
  rangeBytes: number,
): Generator<StreamRange, void, undefined> {
  const rangeLength = Math.max(1, Math.floor(rangeBytes / pieceLength)) * pieceLength;
  let file = 0;
  let start = 0;
  do {
    const next = files[file + MAX_FILES_IN_RANGE]?.offset ?? Number.POSITIVE_INFINITY;
    const lastStart = Math.max(start + pieceLength, Math.floor(next / pieceLength) * pieceLength);
    const end = Math.min(start + rangeLength, streamLength, lastStart);
    const parts: RangePart[] = [];
    for (; file < files.length; file += 1) {
      const { offset, length } = files[file]!;
      // Empty files at the end of the stream, or behind it, belong to the last range.
      if (offset >= end && end < streamLength) break;
      const position = Math.max(0, start - offset);
      const begin = Math.min(Math.max(0, offset - start), end - start);
      parts.push({ file, begin, position, length: Math.min(length - position, end - start - begin) });
      if (offset + length > end && length > 0) break;
    }
    yield { start, length: end - start, parts };
    start = end;
  } while (start < streamLength);
}

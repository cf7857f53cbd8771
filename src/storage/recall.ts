import { Layout } from '../metainfo/index.ts';
import type { InfoHash } from '../util/index.ts';
import { Bitfield } from '../util/index.ts';
import { type FoundFile, isUnchanged, lookAt } from './file-state.ts';
import type { Part } from './part.ts';
import { readResumeFile } from './resume-file.ts';

/** The fields of a torrent that it takes to know its pieces in a part again. */
export interface PartTorrent {
  readonly infoHash: InfoHash;
  readonly pieceCount: number;
  readonly pieceLength: number;
  /** The bytes from the first piece to the last. */
  readonly streamLength: number;
}

/** The part that an earlier try left. */
export interface RecalledPart {
  /** The files of the part; `undefined` where there is none. */
  readonly found: readonly (FoundFile | undefined)[];
  /** The pieces that are there and were checked before. */
  readonly good: Bitfield;
  /** The pieces that may be there, which only their hashes can tell. */
  readonly doubtful: Bitfield;
}

/**
 * Finds out what is known of a part without reading it. A file that has the size and the time of the last write that
 * the resume data says holds the pieces that it says. A file that was written to since, by anyone, may hold anything,
 * and so may all files when there is no resume data that fits.
 */
export async function recallPart(
  part: Part,
  torrent: PartTorrent,
  signal?: AbortSignal,
): Promise<RecalledPart> {
  const { pieceCount, pieceLength, streamLength } = torrent;
  const found = await lookAt(
    part.files.map((file) => file.path),
    signal,
  );
  const good = new Bitfield(pieceCount);
  const doubtful = new Bitfield(pieceCount);
  if (found.every((file) => file === undefined)) return { found, good, doubtful };

  const data = await readResumeFile(part.resumePath, { ...torrent, fileCount: found.length });
  const isKnown = found.map((file, index) => file !== undefined && isUnchanged(file, data?.files[index]));
  const layout = new Layout(part.files);
  for (let piece = 0; piece < pieceCount; piece += 1) {
    const start = piece * pieceLength;
    let isThere = true;
    let isSure = true;
    layout.visit(start, Math.min(pieceLength, streamLength - start), (file) => {
      if (file < 0) return;
      isThere &&= found[file] !== undefined;
      isSure &&= isKnown[file]!;
    });
    if (!isThere) continue;
    if (!isSure) doubtful.add(piece);
    else if (data?.have.has(piece) === true) good.add(piece);
  }
  return { found, good, doubtful };
}

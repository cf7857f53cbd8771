import type { ManyFiles } from '../files/index.ts';
import { Layout } from '../metainfo/index.ts';
import type { InfoHash } from '../util/index.ts';
import { Bitfield } from '../util/index.ts';
import { type FoundFile, isUnchanged, lookAt } from './file-state.ts';
import type { Part } from './part.ts';
import { readResumeFile } from './resume-file.ts';

/** The fields of a torrent that identify its pieces in an existing part. */
export interface PartTorrent {
  readonly infoHash: InfoHash;
  readonly pieceCount: number;
  readonly pieceLength: number;
  /** The bytes from the first piece to the last. */
  readonly streamLength: number;
}

/** The state of a part that an earlier try has left. */
export interface PartState {
  /** The files of the part in the order of the metainfo; `undefined` for one that is not there. */
  readonly found: readonly (FoundFile | undefined)[];
  /** The pieces that are there, and were checked by the earlier try. */
  readonly good: Bitfield;
  /** The pieces that may be there. Only their hashes can tell. */
  readonly doubtful: Bitfield;
}

/**
 * Finds the state of a part from its resume data, without reading its files. A file that has the size and the time of the
 * last write of the resume data holds the pieces that the resume data says. A file that was written to since may hold
 * anything. Without resume data that fits, all files may hold anything.
 */
export async function readPartState(
  part: Part,
  torrent: PartTorrent,
  many: ManyFiles,
  signal?: AbortSignal,
): Promise<PartState> {
  const { pieceCount, pieceLength, streamLength } = torrent;
  const found = await lookAt(
    part.files.map((file) => file.path),
    many,
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

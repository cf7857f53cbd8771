import { dataLengthAt, longestPieceLength, type Metainfo, Pads, pieceLengthAt } from '../metainfo/index.ts';
import type { PieceBytes } from '../session/index.ts';
import { type Storage, StorageError } from '../storage/index.ts';
import type { Bitfield } from '../util/index.ts';

/** The bytes of pieces that are read or hashed at the same time; at least two pieces, even larger ones. */
const CHECK_MEMORY_BYTES = 32 * 1024 * 1024;

/** The options of {@link checkPieces}. */
export interface CheckOptions {
  /** The storage that is read. */
  readonly storage: Pick<Storage, 'read'>;
  /** The threads that hash. */
  readonly threads: number;
  /** Tells whether a piece has its hashes. The bytes do not change until the promise settles. */
  readonly isRight: (index: number, bytes: PieceBytes) => Promise<boolean>;
  readonly signal: AbortSignal;
  /** Called after each piece with the bytes of files checked so far. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * Finds the pieces that are in the storage and have their hashes.
 *
 * @param onGood called with each of them, in any order
 * @throws {StorageError} when the disk fails
 * @throws {HashingError}
 * @throws the signal's reason
 */
export async function checkPieces(
  metainfo: Metainfo,
  pieces: Bitfield,
  onGood: (index: number) => void,
  { storage, threads, isRight, signal, onProgress }: CheckOptions,
): Promise<void> {
  const { pieceLength } = metainfo;
  const longest = longestPieceLength(metainfo);
  const pads = Pads.of(metainfo);
  const queue = indicesOf(pieces);
  let checkedBytes = 0;
  const checkSome = async () => {
    const buffer = new SharedArrayBuffer(longest);
    for (const index of queue) {
      signal.throwIfAborted();
      const length = pieceLengthAt(metainfo, index);
      const bytes = new Uint8Array(buffer, 0, length);
      if ((await isThere(storage, index * pieceLength, bytes)) && (await isRight(index, bytes)))
        onGood(index);
      checkedBytes += dataLengthAt(metainfo, pads, index);
      onProgress(checkedBytes);
    }
  };
  // One piece is read while each thread hashes another.
  const fitting = Math.max(2, Math.floor(CHECK_MEMORY_BYTES / longest));
  const count = Math.min(2 * threads + 1, fitting, pieces.count);
  await Promise.all(Array.from({ length: count }, checkSome));
}

/** Reads a piece. @returns `false` when a file ends before it */
async function isThere(storage: Pick<Storage, 'read'>, offset: number, into: Uint8Array): Promise<boolean> {
  try {
    await storage.read(offset, into);
    return true;
  } catch (thrown) {
    if (thrown instanceof StorageError && thrown.code === 'TOO_SHORT') return false;
    throw thrown;
  }
}

function* indicesOf(pieces: Bitfield): Generator<number> {
  for (let index = 0; index < pieces.length; index += 1) if (pieces.has(index)) yield index;
}

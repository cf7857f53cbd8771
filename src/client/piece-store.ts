import type { HashPool } from '../hashing/index.ts';
import { expectedPieceHash, type Metainfo } from '../metainfo/index.ts';
import type { Completion } from '../session/index.ts';
import type { FileStorage } from '../storage/index.ts';

/** Makes the function that checks and writes a piece, which one thread does. */
export function storePieces(
  metainfo: Metainfo,
  storage: FileStorage,
  pool: HashPool,
): Completion['storePiece'] {
  return (index, bytes) =>
    storage.writeBy(index * metainfo.pieceLength, bytes.length, (places) =>
      pool.checkPiece(bytes, expectedPieceHash(metainfo, index), places),
    );
}

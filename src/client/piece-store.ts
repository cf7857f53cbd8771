import type { HashPool } from '../hashing/index.ts';
import { expectedPieceHash, type Metainfo } from '../metainfo/index.ts';
import type { Completion } from '../session/index.ts';
import type { FileStorage } from '../storage/index.ts';

/** Makes the function that checks and writes a piece. If the piece lies in one file, one thread does both. */
export function storePieces(
  metainfo: Metainfo,
  storage: FileStorage,
  pool: HashPool,
): Completion['storePiece'] {
  return async (index, bytes) => {
    const offset = index * metainfo.pieceLength;
    const expected = expectedPieceHash(metainfo, index);
    const stored = storage.inOneFile(offset, bytes.length, (file) => pool.checkPiece(bytes, expected, file));
    if (stored !== undefined) return await stored;
    const isRight = await pool.checkPiece(bytes, expected);
    if (isRight) await storage.write(offset, bytes);
    return isRight;
  };
}

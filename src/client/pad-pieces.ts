import type { HashPool } from '../hashing/index.ts';
import { expectedPieceHash, type Metainfo, MetainfoError, Pads, pieceLengthAt } from '../metainfo/index.ts';
import { equalBytes } from '../util/index.ts';

/**
 * Finds the pieces that lie wholly in pad files, which are never downloaded. A torrent may have very many of them, so that
 * zeros are hashed only once for each length of a piece, of which there are two.
 *
 * @returns the indices of the pieces
 * @throws {MetainfoError} `BAD_PIECES` when one has not the hash of zeros, so that the torrent can never be whole
 */
export async function padPieces(
  metainfo: Metainfo,
  pool: Pick<HashPool, 'checkPiece'>,
): Promise<readonly number[]> {
  const indices = [...(Pads.of(metainfo)?.wholePieces() ?? [])];
  const hashOfZeros = new Map<number, Uint8Array>();
  for (const index of indices) {
    const length = pieceLengthAt(metainfo, index);
    const expected = expectedPieceHash(metainfo, index);
    const known = hashOfZeros.get(length);
    const isRight =
      known === undefined
        ? await pool.checkPiece(new Uint8Array(new SharedArrayBuffer(length)), expected)
        : equalBytes(known, expected.sha1!);
    if (!isRight) throw notZeros(metainfo, index);
    hashOfZeros.set(length, expected.sha1!);
  }
  return indices;
}

function notZeros({ name }: Metainfo, index: number): MetainfoError {
  return new MetainfoError(
    'BAD_PIECES',
    `Cannot use torrent ${name}: piece ${index} lies wholly in pad files, but its hash is not that of zeros`,
    { field: 'pieces' },
  );
}

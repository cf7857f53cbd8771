import type { Metainfo } from '../metainfo/index.ts';
import { toHex } from '../util/index.ts';
import type { FileFault } from './file-check.ts';
import type { VerifyResult } from './verify-files.ts';

/**
 * Finds the state of one verified file. It is `damaged` if it has the right size, and a piece with its bytes is not good or its
 * SHA-256 is not the one that the torrent has. That is compared only if `verifyFiles()` made it.
 */
export function fileStateOf(
  { files, pieceLength }: Metainfo,
  result: VerifyResult,
  index: number,
): 'ok' | 'damaged' | FileFault {
  const { fault, sha256 } = result.files[index]!;
  if (fault !== undefined) return fault;
  const { offset, length, sha256: wanted } = files[index]!;
  if (wanted !== undefined && sha256 !== undefined && sha256 !== toHex(wanted)) return 'damaged';
  for (let piece = Math.floor(offset / pieceLength); piece * pieceLength < offset + length; piece += 1) {
    if (length > 0 && !result.good.has(piece)) return 'damaged';
  }
  return 'ok';
}

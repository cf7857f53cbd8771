import type { Metainfo } from '../metainfo/index.ts';
import type { FileFault } from './file-check.ts';
import type { VerifyResult } from './verify-files.ts';

/** Says what was found of one file. One that is `damaged` has the right size, but a piece with bytes of it is not good. */
export function fileStateOf(
  { files, pieceLength }: Metainfo,
  result: VerifyResult,
  index: number,
): 'ok' | 'damaged' | FileFault {
  const { fault } = result.files[index]!;
  if (fault !== undefined) return fault;
  const { offset, length } = files[index]!;
  for (let piece = Math.floor(offset / pieceLength); piece * pieceLength < offset + length; piece += 1) {
    if (length > 0 && !result.good.has(piece)) return 'damaged';
  }
  return 'ok';
}

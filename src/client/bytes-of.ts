import { dataLengthAt, type Metainfo, Pads } from '../metainfo/index.ts';
import type { Bitfield } from '../util/index.ts';

/** Counts the bytes of files in pieces. */
export function bytesOf(metainfo: Metainfo, pieces: Bitfield): number {
  const pads = Pads.of(metainfo);
  let bytes = 0;
  for (let index = 0; index < pieces.length; index += 1) {
    if (pieces.has(index)) bytes += dataLengthAt(metainfo, pads, index);
  }
  return bytes;
}

import type { HashRun } from '../metainfo/index.ts';
import { toHex } from '../util/index.ts';

/** Bytes in a SHA-256 hash. */
export const HASH_BYTES = 32;

/** Bytes of a {@link HashRequest} in a message, without length and id. */
export const HASH_REQUEST_BYTES = HASH_BYTES + 4 * 4;

/** The subject of a `hash request`, `hashes` or `hash reject`: a run of hashes in the merkle tree of a file. @see BEP 52 */
export interface HashRequest extends HashRun {
  /** 32 bytes: the root of the file's tree. */
  readonly piecesRoot: Uint8Array;
}

/** Makes a text that is the same for two requests that ask for the same hashes. */
export function keyOf({ piecesRoot, baseLayer, index, length, proofLayers }: HashRequest): string {
  return `${toHex(piecesRoot)}:${baseLayer}:${index}:${length}:${proofLayers}`;
}

import type { HashRun } from '../metainfo/index.ts';
import { toHex } from '../util/index.ts';

/** The bytes of a SHA-256. */
export const HASH_BYTES = 32;

/** The bytes of a {@link HashRequest} in a message, without the length and id before it. */
export const HASH_REQUEST_BYTES = HASH_BYTES + 4 * 4;

/** The subject of a `hash request`, `hashes` or `hash reject`: a run of hashes in the merkle tree of a file. @see BEP 52 */
export interface HashRequest extends HashRun {
  /** The root of the file's tree, 32 bytes. */
  readonly piecesRoot: Uint8Array;
}

/** Makes a text that is the same for all requests for the same hashes. */
export function keyOf({ piecesRoot, baseLayer, index, length, proofLayers }: HashRequest): string {
  return `${toHex(piecesRoot)}:${baseLayer}:${index}:${length}:${proofLayers}`;
}

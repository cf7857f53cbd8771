/** Bytes in a SHA-256 hash. */
export const HASH_BYTES = 32;

/** Bytes of a {@link HashRequest} in a message, without length and id. */
export const HASH_REQUEST_BYTES = HASH_BYTES + 4 * 4;

/** What a `hash request`, `hashes` or `hash reject` is about: a run of hashes in the merkle tree of a file. @see BEP 52 */
export interface HashRequest {
  /** 32 bytes: the root of the file's tree. */
  readonly piecesRoot: Uint8Array;
  /** Layers above the leaves. */
  readonly baseLayer: number;
  /** First hash, counted in the base layer. */
  readonly index: number;
  /** Hashes of the base layer. */
  readonly length: number;
  readonly proofLayers: number;
}

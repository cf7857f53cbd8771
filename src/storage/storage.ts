/**
 * The place where a torrent's bytes are kept, addressed by their offset in the torrent's stream of pieces: piece `i`
 * begins at `i * pieceLength`.
 *
 * Contract, checked by {@link describeStorage} for every adapter:
 * - `read` fills the whole of `into`, one after the other, or rejects; it never gives bytes that were not written or in the files before.
 * - Gaps between files (pad files, BEP 47) read as zeros; what is written into them is dropped.
 * - Reads and writes of different ranges may overlap in time. A `write` has resolved before anyone reads its range.
 * - The caller leaves `data` and `into` alone until the promise settles; the adapter keeps neither.
 * - `sync` resolves when everything written before it survives a power cut.
 * - After `close` every call rejects; `close` waits for calls under way.
 */
export interface Storage {
  /** Reads bytes into buffers, one after the other. @throws {StorageError} */
  read(offset: number, ...into: readonly Uint8Array[]): Promise<void>;
  /** Writes bytes. @throws {StorageError} */
  write(offset: number, data: Uint8Array): Promise<void>;
  /** Makes what was written survive a power cut. @throws {StorageError} */
  sync(): Promise<void>;
  close(): Promise<void>;
}

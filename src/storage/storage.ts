/**
 * The port to the place where a torrent's bytes are kept. Bytes are addressed by their offset in the torrent's stream of
 * pieces: piece `i` begins at `i * pieceLength`.
 *
 * The contract, which the conformance suite checks for every adapter:
 *
 * - `read` fills all buffers of `into`, one after the other, or rejects. It never gives bytes that were neither written
 *   nor in the files before.
 * - Gaps between files (pad files, BEP 47) read as zeros. Bytes that are written into them are dropped.
 * - Reads and writes of different ranges may overlap in time. The caller reads a range only after its `write` has resolved.
 * - The caller must not touch `data` and `into` until the promise settles. The adapter keeps neither.
 * - `sync` resolves when everything written before it survives a power cut.
 * - After `close` every call rejects; `close` waits for calls under way.
 */
export interface Storage {
  /** Reads bytes into buffers, one after the other. @throws {StorageError} */
  read(offset: number, ...into: readonly Uint8Array[]): Promise<void>;
  /** Writes bytes. @throws {StorageError} */
  write(offset: number, data: Uint8Array): Promise<void>;
  /** Makes all written bytes survive a power cut. @throws {StorageError} */
  sync(): Promise<void>;
  close(): Promise<void>;
}

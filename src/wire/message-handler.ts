import type { HashRequest } from './hash-request.ts';

/**
 * The callbacks for the messages that a {@link MessageParser} reads, in the order of the stream.
 *
 * Each `Uint8Array` is a view that is valid until the method returns: copy the bytes that you keep.
 */
export interface MessageHandler {
  onKeepAlive(): void;
  onChoke(): void;
  onUnchoke(): void;
  onInterested(): void;
  onNotInterested(): void;
  onHave(index: number): void;
  /** A `bitfield` message. @param bytes one bit for each piece of the torrent, rounded up to whole bytes */
  onBitfield(bytes: Uint8Array): void;
  onRequest(index: number, begin: number, length: number): void;
  onCancel(index: number, begin: number, length: number): void;
  /** The start of a `piece` message. The block's `length` bytes follow through {@link MessageHandler.onBlockData}. */
  onBlockStart(index: number, begin: number, length: number): void;
  /** The next bytes of the block, at `offset` in it. They are never empty, and come in order without gaps. */
  onBlockData(bytes: Uint8Array, offset: number): void;
  onBlockEnd(): void;
  /** The port of the peer's DHT node. @see BEP 5 */
  onPort(port: number): void;
  /** The peer suggests a piece. @see BEP 6 */
  onSuggestPiece(index: number): void;
  /** The peer has all pieces. @see BEP 6 */
  onHaveAll(): void;
  /** The peer has no pieces. @see BEP 6 */
  onHaveNone(): void;
  /** The peer rejects a request. @see BEP 6 */
  onReject(index: number, begin: number, length: number): void;
  /** The peer allows requests for a piece even while it chokes. @see BEP 6 */
  onAllowedFast(index: number): void;
  /** A message of the extension protocol. @see BEP 10 */
  onExtended(extendedId: number, payload: Uint8Array): void;
  /** The peer requests hashes. @see BEP 52 */
  onHashRequest(request: HashRequest): void;
  /** The peer sends hashes. @param hashes 32 bytes each @see BEP 52 */
  onHashes(request: HashRequest, hashes: Uint8Array): void;
  /** The peer rejects a request for hashes. @see BEP 52 */
  onHashReject(request: HashRequest): void;
  /** A message of an unknown kind, or an extended one that is too long. Its `length` bytes of payload are skipped. */
  onUnknown(id: number, length: number): void;
}

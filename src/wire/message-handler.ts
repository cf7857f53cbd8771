import type { HashRequest } from './hash-request.ts';

/**
 * Who is told what a {@link MessageParser} reads, in the order of the stream.
 *
 * Every `Uint8Array` given here is a view that is valid until the method returns: copy what is to be kept.
 */
export interface MessageHandler {
  onKeepAlive(): void;
  onChoke(): void;
  onUnchoke(): void;
  onInterested(): void;
  onNotInterested(): void;
  onHave(index: number): void;
  /** @param bytes as many as the torrent's pieces need */
  onBitfield(bytes: Uint8Array): void;
  onRequest(index: number, begin: number, length: number): void;
  onCancel(index: number, begin: number, length: number): void;
  /** A `piece` message begins; `length` bytes of block follow through {@link MessageHandler.onBlockData}. */
  onBlockStart(index: number, begin: number, length: number): void;
  /** Bytes of the block, at `offset` in it, as they arrive: never empty, in order, without gaps. */
  onBlockData(bytes: Uint8Array, offset: number): void;
  onBlockEnd(): void;
  /** @see BEP 5 */
  onPort(port: number): void;
  /** @see BEP 6 for this and the next four */
  onSuggestPiece(index: number): void;
  onHaveAll(): void;
  onHaveNone(): void;
  onReject(index: number, begin: number, length: number): void;
  onAllowedFast(index: number): void;
  /** @see BEP 10 */
  onExtended(extendedId: number, payload: Uint8Array): void;
  /** @see BEP 52 for this and the next two */
  onHashRequest(request: HashRequest): void;
  /** @param hashes 32 bytes each */
  onHashes(request: HashRequest, hashes: Uint8Array): void;
  onHashReject(request: HashRequest): void;
  /** A message of another kind, or an extended one that is too long; its `length` bytes of payload are skipped. */
  onUnknown(id: number, length: number): void;
}

import type { BlockRequest } from './block.ts';
import type { HashRequest } from './hash-request.ts';

/**
 * What a {@link PeerSession} needs of the engine, and what it tells it, in the order in which it happens.
 *
 * A method may call the session's commands, but not `receive`. When it throws, that comes out of `receive`, and the
 * session is at its end.
 */
export interface PeerSessionEvents {
  /**
   * Bytes for the peer, in order. They belong to the receiver, save for the message given to
   * {@link PeerSession.sendBlock}, which it gets back here as it is.
   */
  send(bytes: Uint8Array): void;

  /** The peer chokes us. Without BEP 6 an `onRejected` for each outstanding request follows. */
  onChoked(): void;
  onUnchoked(): void;
  onInterested(): void;
  onNotInterested(): void;
  /** `session.peerPieces` was replaced. At most once, before any `onHave`. */
  onBitfield(): void;
  /** The peer has one piece more. */
  onHave(index: number): void;
  /** We may request this piece also while choked. @see BEP 6 */
  onAllowedFast(index: number): void;
  /** The peer would like us to take this piece. @see BEP 6 */
  onSuggestPiece(index: number): void;

  /** There is something for {@link PeerSession.takeRequest}. */
  onRequestQueued(): void;

  /** An outstanding request will not be answered; it is free to be asked of another peer. */
  onRejected(request: BlockRequest): void;
  /**
   * Where the bytes of an outstanding request go, asked as the first of them arrive.
   *
   * @returns exactly `length` bytes, written to until `onBlock`, or until the block is cancelled; `undefined` to have
   * the block thrown away
   */
  blockDestination(index: number, begin: number, length: number): Uint8Array | undefined;
  /** The block is whole in its destination, and no longer outstanding. */
  onBlock(index: number, begin: number, length: number): void;
  /** A whole block was thrown away: it was cancelled, has no destination, or nobody asked for it. */
  onBlockDiscarded(index: number, begin: number, length: number): void;

  /** @param extendedId 0 for the extended handshake @param payload valid until this returns. @see BEP 10 */
  onExtended(extendedId: number, payload: Uint8Array): void;

  /**
   * The peer asks for hashes, in numbers that need not make sense: answer it with `session.hashes`, by hashes or a reject.
   *
   * @see BEP 52
   */
  onHashRequest(request: HashRequest): void;
  /** @param request what was asked with `session.hashes` @param hashes as many as were asked for, unproven; they stay */
  onHashes(request: HashRequest, hashes: Uint8Array): void;
  /** The peer will not send these hashes. */
  onHashesRejected(request: HashRequest): void;
}

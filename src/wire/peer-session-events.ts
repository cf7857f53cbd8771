import type { BlockRequest } from './block.ts';
import type { HashRequest } from './hash-request.ts';

/**
 * The callbacks of a {@link PeerSession}, in the order of the events: the engine gets bytes to send and events, and gives
 * memory for blocks.
 *
 * A method may call the session's commands, but not `receive`. If it throws, `receive` throws the same error, and the
 * session is at its end.
 */
export interface PeerSessionEvents {
  /**
   * Sends bytes to the peer, in order. The callee owns them, except the message given to {@link PeerSession.sendBlock},
   * which it gets back here uncopied.
   */
  send(bytes: Uint8Array): void;

  /** The peer chokes us. Without BEP 6 an `onRejected` for each outstanding request follows. */
  onChoked(): void;
  onUnchoked(): void;
  onInterested(): void;
  onNotInterested(): void;
  /** The peer has told all its pieces: `session.peerPieces` was replaced. It comes at most once, before any `onHave`. */
  onBitfield(): void;
  /** The peer has a new piece. */
  onHave(index: number): void;
  /** We may request this piece even while choked. @see BEP 6 */
  onAllowedFast(index: number): void;
  /** The peer suggests that we download this piece. @see BEP 6 */
  onSuggestPiece(index: number): void;

  /** A request of the peer is ready for {@link PeerSession.takeRequest}. */
  onRequestQueued(): void;

  /** The peer will not answer an outstanding request, which may now be sent to another peer. */
  onRejected(request: BlockRequest): void;
  /**
   * Gives the memory for the block of an outstanding request, when its first bytes arrive.
   *
   * @returns exactly `length` bytes, which are written to until `onBlock`, or until the block is cancelled; `undefined` to
   * throw the block away
   */
  blockDestination(index: number, begin: number, length: number): Uint8Array | undefined;
  /** The block is whole in its destination, and no longer outstanding. */
  onBlock(index: number, begin: number, length: number): void;
  /** A whole block was thrown away: it was cancelled, has no destination, or was never requested. */
  onBlockDiscarded(index: number, begin: number, length: number): void;

  /**
   * The peer sends a message of the extension protocol.
   *
   * @param extendedId 0 for the extended handshake, or the id that our `m` gives the extension
   * @param payload a view that is valid until this returns
   * @see BEP 10
   */
  onExtended(extendedId: number, payload: Uint8Array): void;

  /**
   * The peer requests hashes. Its numbers are not checked. Answer it through `session.hashes`, with hashes or a reject.
   *
   * @see BEP 52
   */
  onHashRequest(request: HashRequest): void;
  /**
   * The peer sends hashes that were requested through `session.hashes`.
   *
   * @param request our request
   * @param hashes a copy of the hashes, as many as were requested, not proven yet
   */
  onHashes(request: HashRequest, hashes: Uint8Array): void;
  /** The peer will not send these hashes. */
  onHashesRejected(request: HashRequest): void;
}

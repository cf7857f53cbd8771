import type { BlockRequest, HashRequest } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerEnd } from './peer-end.ts';
import type { PeerExtensions } from './peer-extensions.ts';

/** Takes the blocks that peers send, and hears what becomes of our requests: the download of a torrent. */
export interface BlockTaker {
  /** The peer does not choke us any more: it may be asked for blocks. */
  onUnchoked(peer: PeerConnection): void;
  /** The peer will not answer this request. */
  onRejected(peer: PeerConnection, request: BlockRequest): void;
  /** We do not want this block of the peer any more. */
  onCancelled(peer: PeerConnection, index: number, begin: number): void;
  /** Finds where the bytes of a block go, as `PeerSessionEvents.blockDestination()` has it. */
  blockDestination(
    peer: PeerConnection,
    index: number,
    begin: number,
    length: number,
  ): Uint8Array | undefined;
  /** A block is whole in its destination. */
  onBlock(peer: PeerConnection, index: number, begin: number, length: number): void;
  /** A whole block was thrown away. */
  onBlockDiscarded(peer: PeerConnection, index: number, begin: number, length: number): void;
}

/** Answers what peers ask for hashes, and takes the hashes that they send. @see BEP 52 */
export interface HashTaker {
  onHashRequest(peer: PeerConnection, request: HashRequest): void;
  onHashes(peer: PeerConnection, request: HashRequest, hashes: Uint8Array): void;
  onHashesRejected(peer: PeerConnection, request: HashRequest): void;
}

/** The torrent, as a connection sees it: each method is told which peer. */
export interface PeerOwner {
  /** The download; `undefined` when all pieces were there from the start. Read once, when a peer connects. */
  readonly blocks: BlockTaker | undefined;
  /** Read once, when a peer connects. */
  readonly hashes: HashTaker;
  /** The extensions that are offered to peers. Read once, when a peer connects. */
  readonly extensions: PeerExtensions;
  /** The first call: time to say what we have. */
  onConnected(peer: PeerConnection): void;
  /** The peer told all its pieces at once. */
  onPieces(peer: PeerConnection): void;
  /** The peer has one piece more. */
  onHave(peer: PeerConnection, index: number): void;
  /** The peer became interested, or stopped being it. */
  onInterestChanged(peer: PeerConnection): void;
  /** @param extendedId 0 for the extended handshake @param payload valid until this returns. @see BEP 10 */
  onExtended(peer: PeerConnection, extendedId: number, payload: Uint8Array): void;
  /** All that came in one go was handled: time to ask for more. */
  onReceived(peer: PeerConnection): void;
  /** There is room to send again. */
  onDrain(peer: PeerConnection): void;
  /** The connection is over, once. @param error absent when it ended in good order */
  onClosed(peer: PeerConnection, end: PeerEnd, error: Error | undefined): void;
}

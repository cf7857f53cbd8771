import type { BlockRequest, HashRequest } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerEnd } from './peer-end.ts';
import type { PeerExtensions } from './peer-extensions.ts';

/** The port to the download of a torrent. It takes the blocks that peers send, and hears which pieces they have. */
export interface BlockTaker {
  /** Hears that the peer has told all its pieces at once. */
  onBitfield(peer: PeerConnection): void;
  /** Hears that the peer has one more piece. */
  onHave(peer: PeerConnection, index: number): void;
  /** Hears that the peer chokes us no longer, so that blocks may be requested from it. */
  onUnchoked(peer: PeerConnection): void;
  /** Hears that the peer will not send the block of this request. */
  onRejected(peer: PeerConnection, request: BlockRequest): void;
  /** Hears that we have cancelled the request for this block. */
  onCancelled(peer: PeerConnection, index: number, begin: number): void;
  /** Returns the memory for the bytes of a block, see `PeerSessionEvents.blockDestination()`. */
  blockDestination(
    peer: PeerConnection,
    index: number,
    begin: number,
    length: number,
  ): Uint8Array | undefined;
  /** Hears that all bytes of a block are in its memory. */
  onBlock(peer: PeerConnection, index: number, begin: number, length: number): void;
  /** Hears that a whole block came and was thrown away. */
  onBlockDiscarded(peer: PeerConnection, index: number, begin: number, length: number): void;
  /** Hears that all bytes of one read were handled, so that further blocks may be requested. */
  onReceived(peer: PeerConnection): void;
}

/** The port to the upload of a torrent. It sends the blocks that peers request. */
export interface RequestTaker {
  /** Hears that a peer became interested in our pieces, or is no longer. */
  onInterestChanged(): void;
  /** Sends blocks that the peer has requested, as far as there is room. Called when either may have changed. */
  serve(peer: PeerConnection): void;
}

/** The port to the hashes of a torrent. It sends the hashes that peers request, and takes those that they send. @see BEP 52 */
export interface HashTaker {
  onHashRequest(peer: PeerConnection, request: HashRequest): void;
  onHashes(peer: PeerConnection, request: HashRequest, hashes: Uint8Array): void;
  onHashesRejected(peer: PeerConnection, request: HashRequest): void;
  /** Sends hashes that the peer has requested. Called when its socket has room again. */
  serve(peer: PeerConnection): void;
}

/** The parts of a torrent that handle what its peers send. They are read once for each peer, when it connects. */
export interface PeerTakers {
  /** The download; `undefined` when all pieces were there from the start. */
  readonly blocks: BlockTaker | undefined;
  readonly requests: RequestTaker;
  readonly hashes: HashTaker;
  /** The extensions that are offered to peers. */
  readonly extensions: PeerExtensions;
}

/** The port to the swarm: the part that each of its peers needs. */
export interface PeerKeeper<P> {
  /** Hears that the peer has said at which port it takes connections. */
  onListens(peer: P): void;
  /** Hears that all bytes of one read were handled. They may have shown that the peer is of no use. */
  onReceived(peer: P): void;
  /**
   * Hears that the connection is over. Called once.
   *
   * @param error `undefined` when it ended in good order
   */
  onClosed(peer: P, end: PeerEnd, error: Error | undefined): void;
}

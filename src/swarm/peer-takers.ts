import type { BlockRequest, HashRequest } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerEnd } from './peer-end.ts';
import type { PeerExtensions } from './peer-extensions.ts';

/** Takes the blocks that peers send, and hears which pieces they have: the download of a torrent. */
export interface BlockTaker {
  /** The peer told all its pieces at once. */
  onBitfield(peer: PeerConnection): void;
  /** The peer has one piece more. */
  onHave(peer: PeerConnection, index: number): void;
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
  /** All that the peer sent in one go was handled: it may be asked for more. */
  onReceived(peer: PeerConnection): void;
}

/** Answers the requests of peers for blocks: the upload of a torrent. */
export interface RequestTaker {
  /** The peer became interested in our pieces, or stopped being interested. */
  onInterestChanged(): void;
  /** Sends what the peer asked for, as far as there is room: it sent requests, or its socket has room again. */
  serve(peer: PeerConnection): void;
}

/** Answers what peers ask for hashes, and takes the hashes that they send. @see BEP 52 */
export interface HashTaker {
  onHashRequest(peer: PeerConnection, request: HashRequest): void;
  onHashes(peer: PeerConnection, request: HashRequest, hashes: Uint8Array): void;
  onHashesRejected(peer: PeerConnection, request: HashRequest): void;
  /** Sends the hashes that the peer asked for: its socket has room again. */
  serve(peer: PeerConnection): void;
}

/** The parts of a torrent that handle what its peers send. Each is told which peer. All are read when a peer connects. */
export interface PeerTakers {
  /** The download; `undefined` when all pieces were there from the start. */
  readonly blocks: BlockTaker | undefined;
  readonly requests: RequestTaker;
  readonly hashes: HashTaker;
  /** The extensions that are offered to peers. */
  readonly extensions: PeerExtensions;
}

/** The swarm, as each of its peers sees it. */
export interface PeerKeeper<P> {
  /** The peer has said where it takes connections. */
  onListens(peer: P): void;
  /** All that the peer sent in one go was read: it may have told that it is of no use. */
  onReceived(peer: P): void;
  /**
   * The connection is over. Called once.
   *
   * @param error `undefined` when it ended in good order
   */
  onClosed(peer: P, end: PeerEnd, error: Error | undefined): void;
}

import type { BlockRequest, HashRequest } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerEnd } from './peer-end.ts';

/** The torrent, as a connection sees it: each method is told which peer. */
export interface PeerOwner {
  /** The first call: time to say what we have. */
  onConnected(peer: PeerConnection): void;
  onPieces(peer: PeerConnection): void;
  onHave(peer: PeerConnection, index: number): void;
  onChoked(peer: PeerConnection): void;
  onUnchoked(peer: PeerConnection): void;
  onAllowedFast(peer: PeerConnection, index: number): void;
  onInterestChanged(peer: PeerConnection): void;
  onRequestQueued(peer: PeerConnection): void;
  onRejected(peer: PeerConnection, request: BlockRequest): void;
  /** We do not want the block of it any more. */
  onCancelled(peer: PeerConnection, index: number, begin: number): void;
  blockDestination(
    peer: PeerConnection,
    index: number,
    begin: number,
    length: number,
  ): Uint8Array | undefined;
  onBlock(peer: PeerConnection, index: number, begin: number, length: number): void;
  onBlockDiscarded(peer: PeerConnection, index: number, begin: number, length: number): void;
  onExtended(peer: PeerConnection, extendedId: number, payload: Uint8Array): void;
  onHashRequest(peer: PeerConnection, request: HashRequest): void;
  onHashes(peer: PeerConnection, request: HashRequest, hashes: Uint8Array): void;
  onHashesRejected(peer: PeerConnection, request: HashRequest): void;
  /** All that came in one go was handled: time to ask for more. */
  onReceived(peer: PeerConnection): void;
  /** There is room to send again. */
  onDrain(peer: PeerConnection): void;
  /** The connection is over, once. @param error absent when it ended in good order */
  onClosed(peer: PeerConnection, end: PeerEnd, error: Error | undefined): void;
}

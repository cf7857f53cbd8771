import { Bitfield } from '../util/index.ts';
import type { PieceGeometry } from './block.ts';
import { OutstandingRequests } from './outstanding-requests.ts';
import { PeerRequests } from './peer-requests.ts';

/** The state of one connection, as both ends know it. Our commands change our half, the peer's messages its half. @see BEP 3 */
export class ConnectionState {
  amChoking = true;
  amInterested = false;
  peerChoking = true;
  peerInterested = false;
  peerPieces: Bitfield;
  /** The pieces that the peer lets us request while it chokes us. @see BEP 6 */
  readonly allowedFast = new Set<number>();
  /** The pieces that we let the peer request while we choke it. @see BEP 6 */
  readonly offeredFast = new Set<number>();
  /** Our requests to the peer. */
  readonly outstanding: OutstandingRequests;
  /** The peer's requests to us. */
  readonly peerRequests: PeerRequests;
  isStopped = false;

  constructor(geometry: PieceGeometry) {
    this.peerPieces = new Bitfield(geometry.pieceCount);
    this.outstanding = new OutstandingRequests(geometry);
    this.peerRequests = new PeerRequests(geometry.pieceLength);
  }
}

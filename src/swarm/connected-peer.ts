import type { Connection } from '../net/index.ts';
import type { Address } from '../util/index.ts';
import type { Handshake } from '../wire/index.ts';
import type { SlotHolder } from './connection-slots.ts';
import type { OriginKey } from './origin.ts';
import type { PeerEnd } from './peer-end.ts';

/** A connection on which both handshakes have passed. */
export interface Greeting {
  readonly connection: Connection;
  readonly theirs: Handshake;
  readonly ours: Handshake;
  /** Whether the peer speaks v2. @see BEP 52 */
  readonly speaksV2: boolean;
  /** The address that we dialed; `undefined` when the peer dialed us. */
  readonly dialed?: Address | undefined;
}

/** The port to a connected peer: the part of it that its swarm needs. */
export interface ConnectedPeer extends SlotHolder {
  readonly peerId: Uint8Array;
  /** The address at the other end of the connection. */
  readonly remote: Address;
  readonly isIncoming: boolean;
  /** The address that we dialed; `undefined` when the peer dialed us. No other address is proven to be the peer's. */
  readonly dialed: Address | undefined;
  /** The address at which the peer takes connections: the one that we dialed, or the one that it told us. */
  readonly listensAt: Address | undefined;
  /** The key of its origin that budgets are counted by, see {@link Origin.budgetKey}. */
  readonly origin: OriginKey;
  /** Whether the connection is neither closed nor about to be closed. */
  readonly isOpen: boolean;
  /** The time at which the peer last sent a part of a block, or connected, in milliseconds on the session's clock. */
  readonly gaveAt: number;
  /** Closes the connection. @param error the reason, if the peer is to blame */
  close(end: PeerEnd, error?: Error): void;
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

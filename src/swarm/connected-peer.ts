import type { Connection } from '../net/index.ts';
import type { Address } from '../util/index.ts';
import type { Handshake } from '../wire/index.ts';
import type { SlotHolder } from './connection-slots.ts';
import type { PeerEnd } from './peer-end.ts';

/** A connection on which hands were shaken. */
export interface Greeting {
  readonly connection: Connection;
  readonly theirs: Handshake;
  readonly ours: Handshake;
  /** Whether the peer speaks v2. @see BEP 52 */
  readonly speaksV2: boolean;
  /** The address that was dialed; absent when the peer came to us. */
  readonly dialed?: Address | undefined;
}

/** A connected peer, as its swarm needs it. */
export interface ConnectedPeer extends SlotHolder {
  readonly peerId: Uint8Array;
  /** The address at the other end of the connection. */
  readonly remote: Address;
  readonly isIncoming: boolean;
  /** The address that was dialed; `undefined` when the peer came to us. Only this one is proven to be its own. */
  readonly dialed: Address | undefined;
  /** The address at which it takes connections: the one that was dialed, or the one that it tells us. */
  readonly listensAt: Address | undefined;
  /** Names where it comes from, see {@link Origin.stranger}. */
  readonly origin: string;
  /** Whether it is neither closed nor about to be. */
  readonly isOpen: boolean;
  /** When it gave us something last, or connected, on the session's clock. */
  readonly gaveAt: number;
  /** Closes the connection. @param error the reason, where it is the peer's doing */
  close(end: PeerEnd, error?: Error): void;
}

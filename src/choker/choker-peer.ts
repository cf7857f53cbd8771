/** The port to a peer: the part of a connection that the choker needs. */
export interface ChokerPeer {
  /** The origin of the peer, such as its network. All peers of one origin may be one person. */
  readonly origin: string | number;
  /** Whether the peer wants pieces that we have. */
  readonly peerInterested: boolean;
  /** Whether we refuse its requests. It is true for a new connection. */
  readonly amChoking: boolean;
  /** The bytes a second that we lately got from it. */
  readonly downloadRate: number;
  /** The bytes a second that we lately sent to it. */
  readonly uploadRate: number;
  /** The bytes that we have sent to it so far. */
  readonly uploadedBytes: number;
  /** Whether the peer waits for blocks that it has requested. */
  readonly isAsking: boolean;
  /** Chokes the peer. Afterwards {@link amChoking} is true. */
  choke(): void;
  /** Unchokes the peer. Afterwards {@link amChoking} is false. */
  unchoke(): void;
}

/** A peer that may get an upload slot, and what the choker remembers of it. */
export interface SlotCandidate<P extends ChokerPeer> {
  readonly peer: P;
  /** The time of its last choke or unchoke, or of its arrival, in milliseconds on the caller's clock. */
  changedAt: number;
  /** Whether the peer was unchoked at least once. */
  hadSlot: boolean;
  /** Its {@link ChokerPeer.uploadedBytes} when it was last unchoked. */
  uploadedBefore: number;
}

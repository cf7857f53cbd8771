/** The part of a connection that the choker needs. */
export interface ChokerPeer {
  /** Names where it comes from: peers of one origin may all be one stranger. */
  readonly origin: string;
  /** The peer wants something of ours. */
  readonly peerInterested: boolean;
  /** We refuse its requests. New connections begin like this. */
  readonly amChoking: boolean;
  /** Bytes a second we got from it lately. */
  readonly downloadRate: number;
  /** Bytes a second we sent to it lately. */
  readonly uploadRate: number;
  /** Bytes we sent to it so far. */
  readonly uploadedBytes: number;
  /** Tells that the peer waits for blocks that it has requested. */
  readonly isAsking: boolean;
  /** Afterwards {@link amChoking} is true. */
  choke(): void;
  /** Afterwards {@link amChoking} is false. */
  unchoke(): void;
}

/** A peer and since when it is choked or unchoked. */
export interface SlotCandidate<P extends ChokerPeer> {
  readonly peer: P;
  /** Milliseconds on the caller's clock: of the last choke, unchoke, or of its arrival. */
  changedAt: number;
  /** Tells that the peer was unchoked at least once. */
  hadSlot: boolean;
  /** Its {@link ChokerPeer.uploadedBytes} when it was last unchoked. */
  uploadedBefore: number;
}

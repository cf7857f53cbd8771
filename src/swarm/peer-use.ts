/** Milliseconds in which a peer that is unchoked takes or gives something, or is of no use. */
const PROVE_USE_MS = 5_000;

/** Remembers when a peer was last of use, so that one of no use gives its slot to another. */
export class PeerUse {
  /** When either end was last seen to want something, or the peer connected. */
  #wantedAt: number;
  /** When we unchoked the peer first. */
  #unchokedAt: number | undefined;
  #gaveAt: number;

  constructor(now: number) {
    this.#wantedAt = now;
    this.#gaveAt = now;
  }

  /** When the peer sent a part of a block last, or connected. */
  get gaveAt(): number {
    return this.#gaveAt;
  }

  /** We unchoked the peer. */
  unchoked(now: number): void {
    this.#unchokedAt ??= now;
  }

  /** The peer has sent a part of a block. */
  gave(now: number): void {
    this.#gaveAt = now;
  }

  /** One end wants something of the other. */
  wanted(now: number): void {
    this.#wantedAt = now;
  }

  /**
   * Tells for how many milliseconds neither end has wanted anything of the other, or for how many the peer has left an
   * unchoke unused without ever having been of use; 0 while it may be of use.
   *
   * @param isWanted whether one end wants something now
   * @param movedBytes bytes of blocks that the peer gave and took
   */
  idleMs(now: number, isWanted: boolean, movedBytes: number): number {
    const unused =
      movedBytes === 0 && this.#unchokedAt !== undefined ? now - this.#unchokedAt - PROVE_USE_MS : 0;
    return Math.max(isWanted ? 0 : now - this.#wantedAt, unused);
  }
}

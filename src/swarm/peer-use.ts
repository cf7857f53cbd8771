/** The milliseconds after its unchoke within which a peer must send or take a part of a block to be of use. */
const PROVE_USE_MS = 5_000;

/** Remembers when a peer was last of use, so that a peer of no use can lose its slot to another. All times are milliseconds. */
export class PeerUse {
  /** The time at which one end was last seen to want something, or at which the peer connected. */
  #wantedAt: number;
  /** The time at which we first unchoked the peer; `undefined` before that. */
  #unchokedAt: number | undefined;
  #gaveAt: number;

  constructor(now: number) {
    this.#wantedAt = now;
    this.#gaveAt = now;
  }

  /** The time at which the peer last sent a part of a block, or connected. */
  get gaveAt(): number {
    return this.#gaveAt;
  }

  /** Notes that we unchoked the peer. */
  unchoked(now: number): void {
    this.#unchokedAt ??= now;
  }

  /** Notes that the peer has sent a part of a block. */
  gave(now: number): void {
    this.#gaveAt = now;
  }

  /** Notes that one end wants something of the other. */
  wanted(now: number): void {
    this.#wantedAt = now;
  }

  /**
   * Returns the milliseconds for which the peer has been of no use: neither end has wanted anything of the other, or the
   * peer was never of use and has left an unchoke unused. It is 0 while the peer may be of use.
   *
   * @param isWanted whether one end wants something now
   * @param movedBytes the bytes of blocks that the peer sent and took
   */
  idleMs(now: number, isWanted: boolean, movedBytes: number): number {
    const unused =
      movedBytes === 0 && this.#unchokedAt !== undefined ? now - this.#unchokedAt - PROVE_USE_MS : 0;
    return Math.max(isWanted ? 0 : now - this.#wantedAt, unused);
  }
}

import type { ActivePiece } from './active-piece.ts';
import type { PeerRecord, PickerPeer } from './picker-peer.ts';

/** How much a started piece is a peer's to go on with; a lower number goes first. */
export const Claim = {
  /** The peer has it to itself. */
  own: 0,
  /** Nobody has it and nobody is asked for anything of it. */
  abandoned: 1,
  /** Nobody has it to itself. */
  shared: 2,
  /** Another peer has it to itself. */
  others: 3,
} as const;
export type Claim = (typeof Claim)[keyof typeof Claim];

/** The pieces that have been started and are not complete, and which of them have free blocks. */
export class ActivePieces<P extends PickerPeer> {
  readonly #byIndex = new Map<number, ActivePiece<P>>();
  readonly #open: ActivePiece<P>[] = [];
  #aloneCount = 0;

  get size(): number {
    return this.#byIndex.size;
  }

  /** Whether one of them is fetched from one peer alone. */
  get hasAlone(): boolean {
    return this.#aloneCount > 0;
  }

  /** Those with free blocks. */
  get open(): readonly ActivePiece<P>[] {
    return this.#open;
  }

  [Symbol.iterator](): Iterator<ActivePiece<P>> {
    return this.#byIndex.values();
  }

  get(index: number): ActivePiece<P> | undefined {
    return this.#byIndex.get(index);
  }

  add(piece: ActivePiece<P>): void {
    this.#byIndex.set(piece.index, piece);
    if (piece.isAlone) this.#aloneCount += 1;
    this.refresh(piece);
  }

  delete(piece: ActivePiece<P>): void {
    this.#byIndex.delete(piece.index);
    if (piece.isAlone) this.#aloneCount -= 1;
    this.#close(piece);
  }

  /** To be called when the piece's number of free blocks may have become zero or stopped being it. */
  refresh(piece: ActivePiece<P>): void {
    if (piece.free === 0) this.#close(piece);
    else if (piece.openAt < 0) piece.openAt = this.#open.push(piece) - 1;
  }

  /**
   * The piece with free blocks the peer is to go on with: of those with the best claim the one nearest to complete.
   *
   * @param worst - claims beyond this one do not count
   * @param mayAsk - whether a piece that is not the peer's own may be asked of it; what it has to itself it goes on
   *   with, since nobody else would
   */
  joinable(
    record: PeerRecord<P>,
    worst: Claim,
    mayAsk: (index: number) => boolean,
  ): ActivePiece<P> | undefined {
    let best: ActivePiece<P> | undefined;
    let bestClaim: Claim = worst;
    for (const piece of this.#open) {
      const claim = claimOf(record.peer, piece);
      if (claim > bestClaim || (best !== undefined && claim === bestClaim && piece.free >= best.free))
        continue;
      if (!record.peer.pieces.has(piece.index)) continue;
      if (claim !== Claim.own && !mayAsk(piece.index)) continue;
      if (claim > Claim.abandoned && !maySharePiece(record, piece)) continue;
      best = piece;
      bestClaim = claim;
    }
    return best;
  }

  /**
   * Gives a piece to a peer, to itself. One that it has to fetch alone starts over when others have sent some of it; a
   * suspect has to do that with what others left behind.
   */
  adopt(piece: ActivePiece<P>, { peer, trust }: PeerRecord<P>, now: number): void {
    const isMixed = piece.contributors.some((contributor) => contributor !== peer);
    if (isMixed && trust === 'suspect' && piece.owner !== peer && !piece.isAlone) {
      piece.isAlone = true;
      this.#aloneCount += 1;
    }
    if (isMixed && piece.isAlone) {
      piece.startOver();
      this.refresh(piece);
    }
    if (piece.owner !== peer) piece.ownedSince = now;
    piece.owner = peer;
  }

  /** How many of them have been asked of no proven peer. */
  get trialCount(): number {
    let count = 0;
    for (const piece of this.#byIndex.values()) if (!piece.hasProven) count += 1;
    return count;
  }

  /**
   * Of the pieces nobody has to itself or is asked for anything of, the one with the least to lose.
   *
   * @param isTrial - only pieces that have been asked of no proven peer count
   */
  idle(isTrial: boolean): ActivePiece<P> | undefined {
    let least: ActivePiece<P> | undefined;
    for (const piece of this.#open) {
      if (piece.owner !== undefined || piece.requested > 0 || (isTrial && piece.hasProven)) continue;
      if (least === undefined || piece.received < least.received) least = piece;
    }
    return least;
  }

  #close(piece: ActivePiece<P>): void {
    if (piece.openAt < 0) return;
    const last = this.#open.pop()!;
    if (last !== piece) {
      this.#open[piece.openAt] = last;
      last.openAt = piece.openAt;
    }
    piece.openAt = -1;
  }
}

/** Whether the peer may add blocks to a piece that others are asked for, without putting their work at risk. */
export function maySharePiece<P extends PickerPeer>(record: PeerRecord<P>, piece: ActivePiece<P>): boolean {
  if (piece.isAlone) return false;
  return record.trust === 'proven' || (record.trust === 'fresh' && !piece.hasProven);
}

function claimOf<P>(peer: P, piece: ActivePiece<P>): Claim {
  if (piece.owner === peer) return Claim.own;
  if (piece.owner !== undefined) return Claim.others;
  return piece.requested === 0 ? Claim.abandoned : Claim.shared;
}

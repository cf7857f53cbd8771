import type { ActivePiece } from './active-piece.ts';
import type { PeerRecord, PickerPeer } from './picker-peer.ts';

/** The claims that a peer has to go on with a started piece. The piece with the lowest one is chosen first. */
export const Claim = {
  /** The peer has it to itself. */
  own: 0,
  /** No peer has it to itself, and no peer owes a block of it. */
  abandoned: 1,
  /** No peer has it to itself, and peers owe blocks of it. */
  shared: 2,
  /** Another peer has it to itself. */
  others: 3,
} as const;
export type Claim = (typeof Claim)[keyof typeof Claim];

/** The pieces that are started and not complete. It knows which of them have free blocks: blocks that no peer owes. */
export class ActivePieces<P extends PickerPeer> {
  readonly #byIndex = new Map<number, ActivePiece<P>>();
  readonly #open: ActivePiece<P>[] = [];
  #aloneCount = 0;

  get size(): number {
    return this.#byIndex.size;
  }

  /** Whether one of the pieces is fetched from one peer alone. */
  get hasAlone(): boolean {
    return this.#aloneCount > 0;
  }

  /** The pieces with free blocks. */
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

  /** Takes note that the number of free blocks of a piece may have become 0, or is 0 no longer. */
  refresh(piece: ActivePiece<P>): void {
    if (piece.free === 0) this.#close(piece);
    else if (piece.openAt < 0) piece.openAt = this.#open.push(piece) - 1;
  }

  /**
   * Finds the piece with free blocks that a peer is to go on with: among those with the best claim, the one that has fewest.
   *
   * @param worst the highest claim that is good enough
   * @param mayAsk tells whether the peer may be asked for a piece. A piece that it has to itself is not asked about, because
   *   no other peer would go on with it
   * @returns the piece; `undefined` when there is none
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
   * Gives a peer a piece to itself. A suspect has to send all blocks of a piece that others began. When one peer has to send
   * all blocks, and others have sent some, the piece starts over.
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

  /** The number of pieces that no proven peer was asked for. */
  get trialCount(): number {
    let count = 0;
    for (const piece of this.#byIndex.values()) if (!piece.hasProven) count += 1;
    return count;
  }

  /**
   * Finds the piece with fewest received blocks among those that no peer has to itself and of which no peer owes a block.
   *
   * @param isTrial whether only pieces count that no proven peer was asked for
   * @returns the piece; `undefined` when there is none
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

/** Tells whether a peer may send blocks of a piece beside others without putting their work at risk. */
export function maySharePiece<P extends PickerPeer>(record: PeerRecord<P>, piece: ActivePiece<P>): boolean {
  if (piece.isAlone) return false;
  return record.trust === 'proven' || (record.trust === 'fresh' && !piece.hasProven);
}

/** Returns the claim of a peer to go on with a piece. */
function claimOf<P>(peer: P, piece: ActivePiece<P>): Claim {
  if (piece.owner === peer) return Claim.own;
  if (piece.owner !== undefined) return Claim.others;
  return piece.requested === 0 ? Claim.abandoned : Claim.shared;
}

import type { PeerRecord, PickerPeer } from './picker-peer.ts';
import { OVERDUE_MS } from './trust.ts';

interface FailedPiece<P> {
  readonly guilty: Set<P>;
  readonly suspects: Set<P>;
  failedAt: number;
}

/**
 * Decides which peers may be asked for a piece whose hash was wrong.
 *
 * A peer that sent such a piece alone is never asked for it again. Of several that sent it together one is to blame and
 * nobody knows which. For a moment after each failure the piece is kept for the best peer that has it: best are proven
 * peers that sent nothing of it, then others that sent nothing of it, then suspects, of these the fastest. Of many that may
 * lie, those that are slow cost most: they come last.
 */
export class Distrust<P extends PickerPeer> {
  readonly #pieces = new Map<number, FailedPiece<P>>();

  /**
   * Notes that the hash of the piece was wrong.
   *
   * @param contributors all peers that sent blocks of it: if it is one, that one is guilty
   * @param suspects the contributors that may be to blame
   */
  failed(index: number, contributors: readonly P[], suspects: readonly P[], now: number): void {
    const piece = this.#pieces.get(index) ?? { guilty: new Set(), suspects: new Set(), failedAt: now };
    this.#pieces.set(index, piece);
    piece.failedAt = now;
    const blamed = contributors.length === 1 ? piece.guilty : piece.suspects;
    for (const peer of suspects) blamed.add(peer);
  }

  /** Tells whether the hash of the piece was wrong. */
  concerns(index: number): boolean {
    return this.#pieces.has(index);
  }

  /**
   * Tells whether the peer may be asked for the piece now.
   *
   * @param holders yields the peers that have the piece
   */
  mayAsk(record: PeerRecord<P>, index: number, now: number, holders: () => Iterable<PeerRecord<P>>): boolean {
    const piece = this.#pieces.get(index);
    if (piece === undefined) return true;
    if (piece.guilty.has(record.peer)) return false;
    const rank = rankIn(piece, record);
    // The better ones may choke us or be silent: they are not waited for any longer.
    if (rank === 0 || now - piece.failedAt >= OVERDUE_MS) return true;
    for (const holder of holders()) {
      if (piece.guilty.has(holder.peer)) continue;
      const difference = rankIn(piece, holder) - rank;
      if (difference < 0 || (difference === 0 && holder.pace > record.pace)) return false;
    }
    return true;
  }

  /** Forgets a piece: it is there, or it is known which of its blocks were wrong. */
  forgetPiece(index: number): void {
    this.#pieces.delete(index);
  }

  forgetPeer(peer: P): void {
    for (const piece of this.#pieces.values()) {
      piece.guilty.delete(peer);
      piece.suspects.delete(peer);
    }
  }
}

/** Ranks a peer for a failed piece: one with a lower rank is asked first. */
function rankIn<P extends PickerPeer>(piece: FailedPiece<P>, record: PeerRecord<P>): number {
  if (piece.suspects.has(record.peer)) return 2;
  return record.trust === 'proven' ? 0 : 1;
}

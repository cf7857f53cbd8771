/**
 * Who sent what of pieces whose hash was wrong.
 *
 * A peer that sent such a piece alone is never asked for it again. Of several that sent it together one is to blame and
 * nobody knows which: they are asked again only when no other peer has the piece.
 */
export class Distrust<P> {
  readonly #pieces = new Map<number, { readonly guilty: Set<P>; readonly suspects: Set<P> }>();

  /** The piece's hash was wrong. */
  failed(index: number, contributors: readonly P[]): void {
    const piece = this.#pieces.get(index) ?? { guilty: new Set(), suspects: new Set() };
    this.#pieces.set(index, piece);
    const blamed = contributors.length === 1 ? piece.guilty : piece.suspects;
    for (const peer of contributors) blamed.add(peer);
  }

  /** Whether the piece has failed. */
  concerns(index: number): boolean {
    return this.#pieces.has(index);
  }

  /** @param holders - yields the peers that have the piece */
  mayAsk(peer: P, index: number, holders: () => Iterable<P>): boolean {
    const piece = this.#pieces.get(index);
    if (piece === undefined) return true;
    if (piece.guilty.has(peer)) return false;
    if (!piece.suspects.has(peer)) return true;
    for (const holder of holders())
      if (!piece.guilty.has(holder) && !piece.suspects.has(holder)) return false;
    return true;
  }

  /** The piece is there. */
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

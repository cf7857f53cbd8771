import type { ChokerPeer, SlotCandidate } from './choker-peer.ts';

/**
 * The peers that earn a slot by what they send us: the fastest first, among equals those that have one already.
 *
 * @see BEP 3, "Choking"
 */
export function mostGenerous<P extends ChokerPeer>(
  candidates: readonly SlotCandidate<P>[],
  slots: number,
): SlotCandidate<P>[] {
  return candidates
    .filter(({ peer }) => peer.downloadRate > 0)
    .sort(
      (a, b) =>
        b.peer.downloadRate - a.peer.downloadRate || Number(a.peer.amChoking) - Number(b.peer.amChoking),
    )
    .slice(0, Math.max(0, slots));
}

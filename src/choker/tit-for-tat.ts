import type { ChokerPeer, SlotCandidate } from './choker-peer.ts';

/**
 * Chooses the peers that earn a slot by sending to us, the fastest first. Of two equal ones, the one with a slot is first.
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

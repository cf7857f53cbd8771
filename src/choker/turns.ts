import type { ChokerPeer, SlotCandidate } from './choker-peer.ts';
import { shareOut } from './share-out.ts';

/** The milliseconds for which a peer keeps a slot that it has not earned while others wait. @see BEP 3, optimistic unchoking */
export const TURN_MS = 30_000;
/** The milliseconds after which an unchoked peer that downloads nothing loses its turn early. */
export const IDLE_TURN_MS = 10_000;

/**
 * Chooses who has a slot by turns: the peer that has waited longest follows the one that has had a slot longest. All get
 * the same time, except peers of an origin that has very many, see {@link shareOut}. A turn ends only when a peer waits.
 *
 * @param now milliseconds on the clock of `changedAt`
 */
export function inTurn<P extends ChokerPeer>(
  candidates: readonly SlotCandidate<P>[],
  slots: number,
  now: number,
): SlotCandidate<P>[] {
  const longestFirst = candidates.toSorted((a, b) => a.changedAt - b.changedAt);
  const waiting = longestFirst.filter(({ peer }) => peer.amChoking);
  const holding = longestFirst.filter(({ peer }) => !peer.amChoking).reverse();
  const onTurn = holding.filter((candidate) => !isOver(candidate, now));
  const past = holding.filter((candidate) => isOver(candidate, now));
  return shareOut([...onTurn, ...waiting, ...past], Math.max(0, slots));
}

function isOver<P extends ChokerPeer>({ peer, changedAt }: SlotCandidate<P>, now: number): boolean {
  const time = now - changedAt;
  return time >= TURN_MS || (time >= IDLE_TURN_MS && peer.uploadRate === 0);
}

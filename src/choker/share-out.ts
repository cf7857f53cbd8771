import type { ChokerPeer, SlotCandidate } from './choker-peer.ts';

/** The candidates of one origin. */
interface Group<P extends ChokerPeer> {
  /** The candidates that have no slot yet, in the order of the line. */
  readonly line: { readonly candidate: SlotCandidate<P>; readonly place: number }[];
  /** The number of slots that the origin has. */
  taken: number;
  /** Whether a peer of this origin had a slot at least once. */
  hadSlot: boolean;
  /** The time at which one of them last got or lost a slot; if none ever had one, the time at which the first came. */
  since: number;
}

/**
 * Chooses who gets a slot when there are too few. One half of the slots is divided among the origins by their numbers of
 * peers, and the other half equally. Slots that are left go to the origins that have the fewest and have waited longest.
 * So nobody keeps others waiting by connecting many times, and many peers behind one address get their part. If each peer
 * has an origin of its own, they get slots in their order.
 *
 * @param inLine the candidates, each at most once: first those that have a slot and may keep it, then those that wait
 * @param holding the candidates that keep their slots in any case
 */
export function shareOut<P extends ChokerPeer>(
  inLine: readonly SlotCandidate<P>[],
  slots: number,
  holding: readonly SlotCandidate<P>[] = [],
): SlotCandidate<P>[] {
  if (slots >= inLine.length) return [...inLine];
  const groups = groupByOrigin(inLine, holding);
  const chosen: SlotCandidate<P>[] = [];
  const choose = (group: Group<P>) => {
    chosen.push(group.line.shift()!.candidate);
    group.taken += 1;
    if (group.line.length === 0) groups.delete(group);
  };
  const all = inLine.length + holding.length;
  const half = (slots + holding.length) / 2;
  const origins = groups.size;
  for (const group of groups) {
    const due = Math.floor(half / origins + (half * (group.line.length + group.taken)) / all);
    while (group.taken < due && chosen.length < slots && groups.has(group)) choose(group);
  }
  while (chosen.length < slots) {
    let next: Group<P> | undefined;
    for (const group of groups) if (next === undefined || comesBefore(group, next)) next = group;
    choose(next!);
  }
  return chosen;
}

function groupByOrigin<P extends ChokerPeer>(
  inLine: readonly SlotCandidate<P>[],
  holding: readonly SlotCandidate<P>[],
): Set<Group<P>> {
  const byOrigin = new Map<string | number, Group<P>>();
  const groupOf = ({ peer, changedAt, hadSlot }: SlotCandidate<P>) => {
    let group = byOrigin.get(peer.origin);
    if (group === undefined) {
      group = { line: [], taken: 0, hadSlot, since: changedAt };
      byOrigin.set(peer.origin, group);
    } else if (hadSlot) group.since = group.hadSlot ? Math.max(group.since, changedAt) : changedAt;
    else if (!group.hadSlot) group.since = Math.min(group.since, changedAt);
    group.hadSlot ||= hadSlot;
    return group;
  };
  for (const candidate of holding) groupOf(candidate).taken += 1;
  for (const [place, candidate] of inLine.entries()) groupOf(candidate).line.push({ candidate, place });
  return new Set([...byOrigin.values()].filter(({ line }) => line.length > 0));
}

function comesBefore<P extends ChokerPeer>(one: Group<P>, other: Group<P>): boolean {
  if (one.taken !== other.taken) return one.taken < other.taken;
  const [ours, theirs] = [one.line[0]!, other.line[0]!];
  const bothWait = ours.candidate.peer.amChoking && theirs.candidate.peer.amChoking;
  if (bothWait && one.since !== other.since) return one.since < other.since;
  return ours.place < theirs.place;
}

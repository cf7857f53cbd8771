import { type Random, randomBelow } from '../../../util/index.ts';
import type { Shard } from './shard.ts';

/** The number of swarms that are looked at to find one to forget when there is no room. */
const SAMPLE = 16;

export interface Victim {
  readonly shard: Shard;
  readonly swarm: number;
}

/**
 * Picks a swarm to forget: among a few random neighbours, the one with the fewest peers, and among equals the one that has
 * been silent for the longest time. A made-up swarm has one peer, which does not come again.
 *
 * @param swarms the number of swarms in all shards
 * @param kept a swarm that is not picked; -1 when any may be
 * @returns `undefined` when there is no other
 */
export function pickVictim(
  shards: readonly Shard[],
  swarms: number,
  kept: Victim,
  random: Random,
): Victim | undefined {
  let at = randomBelow(random, shards.length);
  let swarm = randomBelow(random, shards[at]!.count);
  let victim: (Victim & { peers: number; heardAt: number }) | undefined;
  for (let looked = 0; looked < Math.min(SAMPLE, swarms); ) {
    const shard = shards[at]!;
    if (swarm >= shard.count) {
      at = (at + 1) % shards.length;
      swarm = 0;
      continue;
    }
    const peers = shard.peersOf(swarm);
    const heardAt = shard.heardAt(swarm);
    const isKept = shard === kept.shard && swarm === kept.swarm;
    const isBetter =
      victim === undefined || peers < victim.peers || (peers === victim.peers && heardAt < victim.heardAt);
    if (isBetter && !isKept) victim = { shard, swarm, peers, heardAt };
    swarm += 1;
    looked += 1;
  }
  return victim;
}

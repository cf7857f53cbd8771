import { INFO_HASH_BYTES } from '../../../util/index.ts';
import type { Shard } from './shard.ts';

/** Bytes of a swarm among the counts: its info-hash, and 32 bits each of complete, incomplete, downloaded, downloaders. */
export const COUNTS_BYTES = INFO_HASH_BYTES + 16;
/** Swarms in a part. */
const PART_SWARMS = 256;

/**
 * Counts the peers of all swarms, in parts of {@link COUNTS_BYTES} each, in no order. Announces may be answered between
 * one part and the next: a swarm is counted as it is then; one that comes up meanwhile may be left out, and one may be
 * there twice. A part is the caller's.
 */
export function* countSwarms(shards: readonly Shard[]): Generator<Buffer> {
  let part = Buffer.allocUnsafeSlow(PART_SWARMS * COUNTS_BYTES);
  let used = 0;
  for (const shard of shards) {
    // From the last: the one that takes the place of a forgotten one is counted already.
    for (let swarm = shard.count - 1; swarm >= 0; swarm = Math.min(swarm, shard.count) - 1) {
      used = writeCounts(shard, swarm, part, used);
      if (used < part.length) continue;
      yield part;
      part = Buffer.allocUnsafeSlow(PART_SWARMS * COUNTS_BYTES);
      used = 0;
    }
  }
  if (used > 0) yield part.subarray(0, used);
}

/** @returns where it ends */
function writeCounts(shard: Shard, swarm: number, into: Buffer, start: number): number {
  const complete = shard.seedersOf(swarm);
  let at = start + shard.copyInfoHash(swarm, into, start);
  at = into.writeUInt32BE(complete, at);
  at = into.writeUInt32BE(shard.peersOf(swarm) - complete, at);
  at = into.writeUInt32BE(shard.downloadedOf(swarm), at);
  return into.writeUInt32BE(shard.downloadersOf(swarm), at);
}

import { INFO_HASH_BYTES } from '../../../util/index.ts';
import type { Shard } from './shard.ts';

/**
 * The number of bytes of the counts of a swarm: its info-hash, and 32 bits each for complete, incomplete, downloaded,
 * downloaders.
 */
export const COUNTS_BYTES = INFO_HASH_BYTES + 16;
/** The number of swarms in a part. */
const PART_SWARMS = 256;

/**
 * Counts the peers of all swarms, in parts of records of {@link COUNTS_BYTES}, in no order. Announces may be answered
 * between one part and the next: a swarm is counted as it is then; a swarm that begins meanwhile may be left out, and one
 * may be there twice. A part belongs to the caller.
 */
export function* countSwarms(shards: readonly Shard[]): Generator<Buffer> {
  let part = Buffer.allocUnsafeSlow(PART_SWARMS * COUNTS_BYTES);
  let used = 0;
  for (const shard of shards) {
    // The swarms are counted from the last to the first, because the last one takes the place of a forgotten one.
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

/** @returns the offset at which it ends */
function writeCounts(shard: Shard, swarm: number, into: Buffer, start: number): number {
  const complete = shard.seedersOf(swarm);
  let at = start + shard.copyInfoHash(swarm, into, start);
  at = into.writeUInt32BE(complete, at);
  at = into.writeUInt32BE(shard.peersOf(swarm) - complete, at);
  at = into.writeUInt32BE(shard.downloadedOf(swarm), at);
  return into.writeUInt32BE(shard.downloadersOf(swarm), at);
}

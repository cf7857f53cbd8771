import { BLOCK_BYTES } from '../wire/index.ts';

/**
 * The number of blocks that are requested from a peer at a time at most, whatever the peer allows: 16 MiB, half of the
 * memory for pieces. If it were all of that memory, requests would leave piece by piece instead of in large batches.
 */
export const MAX_PIPELINE_BLOCKS = 1024;
/** The number of blocks that are requested from a peer whose rate is not known yet: 1 MiB. */
const MIN_PIPELINE_BLOCKS = 64;
/**
 * The seconds of payload that are requested in advance, so that the peer never waits for our next request. A block
 * requested from one peer is not requested from another, so a longer pipeline ties blocks to a slow peer.
 */
const PIPELINE_SECONDS = 1;
/** The seconds of all payload under a rate limit that are requested from a peer whose rate is not known yet. */
const LIMITED_START_SECONDS = 0.25;
/** The number of blocks that are requested from such a peer at least. */
const LIMITED_MIN_PIPELINE_BLOCKS = 4;

/**
 * Returns the number of blocks to have requested from a peer at a time.
 *
 * @param rate the bytes per second that the peer sends
 * @param limit the bytes per second that all peers may send; `undefined` when there is no limit
 */
export function pipelineBlocks(rate: number, limit: number | undefined): number {
  const blocksIn = (seconds: number, bytesPerSecond: number) =>
    Math.ceil((seconds * bytesPerSecond) / BLOCK_BYTES);
  const ahead = blocksIn(PIPELINE_SECONDS, rate);
  const start =
    limit === undefined
      ? MIN_PIPELINE_BLOCKS
      : Math.min(
          Math.max(blocksIn(LIMITED_START_SECONDS, limit), LIMITED_MIN_PIPELINE_BLOCKS),
          MIN_PIPELINE_BLOCKS,
        );
  return Math.min(Math.max(ahead, start), MAX_PIPELINE_BLOCKS);
}

import { BLOCK_BYTES } from '../wire/index.ts';

/**
 * Blocks asked for ahead at most, whatever the peer allows: 16 MiB, half the memory for pieces. Were it all, each piece
 * that is done would have the next one asked for on its own, instead of some in one batch.
 */
export const MAX_PIPELINE_BLOCKS = 1024;
/** Blocks asked for ahead of a peer whose rate is not known yet: 1 MiB. */
const MIN_PIPELINE_BLOCKS = 64;
/**
 * Seconds of payload to ask for ahead, so that the peer never waits for our next request. What one peer was asked for no
 * other is, so that more would keep us from taking it where it comes from sooner.
 */
const PIPELINE_SECONDS = 1;
/** Under a limit, seconds of all it allows to ask for ahead of a peer whose rate is not known yet, which may be slow. */
const LIMITED_START_SECONDS = 0.25;
const LIMITED_MIN_PIPELINE_BLOCKS = 4;

/**
 * How many blocks to have asked a peer for at a time.
 *
 * @param rate bytes per second that came from it lately, or do so now
 * @param limit bytes per second that may come from all peers; absent: any
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

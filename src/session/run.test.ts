import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, encodePieceHeader } from '../wire/index.ts';
import { READ_RUN_BYTES, Run, RunBuffer } from './run.ts';

/** Makes a run that ends in half a block. Each block is filled with its number. */
function makeRun(): Run {
  const run = new Run(7, READ_RUN_BYTES, new RunBuffer(2.5 * BLOCK_BYTES), () => {});
  for (const [at, block] of run.buffer.blocks.entries()) block.fill(at);
  return run;
}

describe('Run', () => {
  test('messageFor() returns the header and the block of a request', () => {
    const run = makeRun();
    for (const [at, length] of [BLOCK_BYTES, BLOCK_BYTES, BLOCK_BYTES / 2].entries()) {
      const request = { index: 7, begin: READ_RUN_BYTES + at * BLOCK_BYTES, length };
      const expected = Buffer.concat([encodePieceHeader(request), new Uint8Array(length).fill(at)]);
      expect(expected.equals(run.messageFor(request)!)).toBe(true);
    }
  });

  test('messageFor() returns undefined for a request of anything but one of its blocks', () => {
    const run = makeRun();
    for (const [begin, length] of [
      [0, 2 * BLOCK_BYTES],
      [1, BLOCK_BYTES],
      [0, BLOCK_BYTES - 1],
      [2 * BLOCK_BYTES, BLOCK_BYTES],
      [3 * BLOCK_BYTES, BLOCK_BYTES],
      [-BLOCK_BYTES, BLOCK_BYTES],
    ] as const) {
      expect(run.messageFor({ index: 7, begin: READ_RUN_BYTES + begin, length })).toBeUndefined();
    }
  });

  test('copyFor() returns the message for a request of any range of its bytes', () => {
    const run = makeRun();
    const data = Buffer.concat(run.buffer.blocks);
    for (const [begin, length] of [
      [0, 5],
      [BLOCK_BYTES - 1, 2],
      [5, 2 * BLOCK_BYTES],
      [2 * BLOCK_BYTES, BLOCK_BYTES / 2],
    ] as const) {
      const request = { index: 7, begin: READ_RUN_BYTES + begin, length };
      const expected = Buffer.concat([encodePieceHeader(request), data.subarray(begin, begin + length)]);
      expect(expected.equals(run.copyFor(request))).toBe(true);
    }
  });

  test('release() frees the memory when it was called for each retain()', () => {
    const freed: RunBuffer[] = [];
    const buffer = new RunBuffer(5);
    const run = new Run(0, 0, buffer, (of) => freed.push(of));
    run.retain();
    run.release();
    expect(freed).toEqual([]);
    run.release();
    expect(freed).toEqual([buffer]);
  });
});

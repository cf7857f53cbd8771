import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../wire/index.ts';
import { Blame, MAX_SUSPECT_BLOCKS } from './blame.ts';

const RIGHT = new Uint8Array(3 * BLOCK_BYTES - 5).fill(1);

/** The piece with a wrong byte in some blocks. */
function wrongIn(...blocks: readonly number[]): Uint8Array {
  const bytes = RIGHT.slice();
  for (const block of blocks) bytes[block * BLOCK_BYTES] = 0;
  return bytes;
}

function sent(blame: Blame<string>, index: number, ...senders: readonly string[]): void {
  for (const [block, sender] of senders.entries()) blame.received(index, block * BLOCK_BYTES, sender);
}

describe('Blame', () => {
  test('forgetBlocks() has blocks that a peer sent count for whoever sends them next', () => {
    const blame = new Blame<string>();
    sent(blame, 0, 'a', 'b', 'a');
    sent(blame, 4, 'b');
    expect(blame.sentBy('a')).toEqual([[0, [0, 2]]]);
    expect(blame.sentBy('b')).toEqual([
      [0, [1]],
      [4, [0]],
    ]);
    blame.forgetBlocks(0, [0, 2]);
    blame.forgetBlocks(9, [0]);
    expect(blame.sentBy('a')).toEqual([]);
    expect(blame.soleSender(0)).toBe('b');
  });

  test('failed() names whoever sent the whole piece', () => {
    const blame = new Blame<string>();
    sent(blame, 0, 'a', 'a', 'a');
    expect(blame.failed(0, wrongIn(1))).toEqual(['a']);
  });

  test('verified() names whoever sent other blocks than the right ones, and nobody else', () => {
    const blame = new Blame<string>();
    sent(blame, 0, 'a', 'b', 'c');
    expect(blame.failed(0, wrongIn(1))).toEqual([]);
    sent(blame, 0, 'a', 'c', 'd');
    expect(blame.failed(0, wrongIn(2))).toEqual([]);
    sent(blame, 0, 'e', 'e', 'e');
    expect(blame.verified(0, RIGHT)).toEqual(['b', 'd']);
    expect(blame.verified(0, RIGHT)).toEqual([]);
  });

  test('received() a second time counts for whoever sent the block last', () => {
    const blame = new Blame<string>();
    sent(blame, 0, 'a', 'a', 'b');
    sent(blame, 0, 'b', 'b');
    expect(blame.failed(0, wrongIn(0))).toEqual(['b']);
  });

  test('soleSender() is whoever sent all that is not known to be right', () => {
    const blame = new Blame<string>();
    expect(blame.soleSender(0)).toBeUndefined();
    sent(blame, 0, 'a', 'a', 'b');
    expect(blame.soleSender(0)).toBeUndefined();
    blame.proven(0, [2]);
    blame.received(0, 2 * BLOCK_BYTES, 'c');
    expect(blame.soleSender(0)).toBe('c');
  });

  test('proven() names whoever sent the wrong blocks, and clears whoever sent the others', () => {
    const blame = new Blame<string>();
    sent(blame, 0, 'a', 'b', 'c');
    expect(blame.proven(0, [1])).toEqual(['b']);
    blame.received(0, BLOCK_BYTES, 'd');
    expect(blame.failed(0, wrongIn(1))).toEqual(['d']);
    sent(blame, 1, 'a', 'b', 'a');
    expect(blame.proven(1, [0, 2])).toEqual(['a']);
    blame.received(1, 0, 'd');
    blame.received(1, 2 * BLOCK_BYTES, 'e');
    expect(blame.failed(1, wrongIn(2))).toEqual([]);
    sent(blame, 1, 'f', 'f', 'f');
    expect(blame.verified(1, RIGHT)).toEqual(['e']);
  });

  test('forget() lets go of who sent a piece that was given up', () => {
    const blame = new Blame<string>();
    sent(blame, 0, 'a', 'a', 'a');
    blame.forget(0);
    blame.received(0, 0, 'b');
    expect(blame.failed(0, wrongIn(0))).toEqual(['b']);
  });

  test('failed() forgets the oldest pieces beyond its limit', () => {
    const blame = new Blame<string>();
    const pieces = Math.ceil(MAX_SUSPECT_BLOCKS / 3) + 1;
    for (let index = 0; index < pieces; index += 1) {
      sent(blame, index, 'a', 'b', 'c');
      blame.failed(index, wrongIn(0));
    }
    expect(blame.verified(0, RIGHT)).toEqual([]);
    expect(blame.verified(pieces - 1, RIGHT)).toEqual(['a']);
  });
});

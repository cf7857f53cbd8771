import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../metainfo/index.ts';
import { Evidence, MAX_SUSPECT_BLOCKS } from './evidence.ts';

const RIGHT = new Uint8Array(3 * BLOCK_BYTES - 5).fill(1);

/** Makes the piece with a wrong byte in some blocks. */
function wrongIn(...blocks: readonly number[]): Uint8Array {
  const bytes = RIGHT.slice();
  for (const block of blocks) bytes[block * BLOCK_BYTES] = 0;
  return bytes;
}

describe('Evidence', () => {
  test('settle() names exactly the peers that sent wrong blocks', () => {
    const evidence = new Evidence<string>();
    evidence.add(0, wrongIn(1), ['a', 'b', 'c']);
    evidence.add(0, wrongIn(2), ['a', 'c', 'd']);
    expect(evidence.settle(0, RIGHT)).toEqual(['b', 'd']);
    expect(evidence.settle(0, RIGHT), 'it is forgotten').toEqual([]);
  });

  test('settle() names no peer for a block that was known to be right', () => {
    const evidence = new Evidence<string>();
    evidence.add(0, wrongIn(0, 2), [undefined, 'a', 'b']);
    expect(evidence.settle(0, RIGHT)).toEqual(['b']);
  });

  test('settle() names a peer once that sent several wrong blocks', () => {
    const evidence = new Evidence<string>();
    evidence.add(0, wrongIn(0, 1), ['a', 'a', 'b']);
    expect(evidence.settle(0, RIGHT)).toEqual(['a']);
  });

  test('add() forgets the oldest failed pieces beyond the limit, and never the newest', () => {
    const evidence = new Evidence<string>();
    const pieces = MAX_SUSPECT_BLOCKS / 2;
    for (let index = 0; index <= pieces; index += 1) evidence.add(index, wrongIn(0), ['a', 'b', undefined]);
    expect(evidence.settle(0, RIGHT), 'it was forgotten').toEqual([]);
    expect(evidence.settle(1, RIGHT)).toEqual(['a']);
    const senders = Array.from({ length: MAX_SUSPECT_BLOCKS + 1 }, (_, block) => (block === 0 ? 'a' : 'b'));
    evidence.add(pieces + 1, wrongIn(0), senders);
    expect(evidence.settle(2, RIGHT)).toEqual([]);
    expect(evidence.settle(pieces + 1, RIGHT)).toEqual(['a']);
  });
});

import { describe, expect, test } from 'vitest';
import { parseIp } from '../../../util/index.ts';
import { type UploadBuffer, UploadBuffers } from './upload-buffers.ts';

function partOf(address: string): UploadBuffer & { readonly isGivenUp: () => boolean } {
  let isGivenUp = false;
  return {
    ip: parseIp(address)!,
    bytes: 0,
    giveUp: () => {
      isGivenUp = true;
    },
    isGivenUp: () => isGivenUp,
  };
}

describe('UploadBuffers', () => {
  test('add() has room for an address up to its limit, over all of its buffers', () => {
    const kept = new UploadBuffers({ maxPerAddress: 100, maxInAll: 1000 });
    const [first, second] = [partOf('192.0.2.1'), partOf('192.0.2.1')];
    kept.begin(first);
    kept.begin(second);
    expect([kept.add(first, 60), kept.add(second, 40), kept.add(second, 1)]).toEqual([true, true, false]);
    kept.end(first);
    expect(kept.of(first.ip)).toBe(41);
    kept.end(second);
    expect([kept.of(first.ip), kept.inAll]).toEqual([0, 0]);
  });

  test('add() drops the largest buffer of the address with the most bytes, and counts it no more', () => {
    const kept = new UploadBuffers({ maxPerAddress: 100, maxInAll: 120 });
    const [greedy, modest] = [partOf('192.0.2.1'), partOf('198.51.100.1')];
    kept.begin(greedy);
    kept.begin(modest);
    kept.add(greedy, 90);
    expect([kept.add(modest, 40), greedy.isGivenUp(), kept.inAll]).toEqual([true, true, 40]);
    // Bytes of it that still arrive are not counted any more.
    expect([kept.add(greedy, 10), kept.inAll]).toEqual([false, 40]);
    kept.end(greedy);
    kept.end(modest);
    expect(kept.inAll).toBe(0);
  });
});

import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { MAX_SAMPLED_MESSAGES, RecordSampler } from './record-sampler.ts';

const clock = new FakeClock();

function samplerOf(oneIn: number): RecordSampler {
  const sampler = new RecordSampler(clock);
  sampler.oneIn = oneIn;
  return sampler;
}

describe('RecordSampler.admit()', () => {
  test('admit() takes every record by default', () => {
    const sampler = new RecordSampler(clock);
    expect(Array.from({ length: 5 }, () => sampler.admit('a'))).toEqual([0, 0, 0, 0, 0]);
  });

  test('admit() takes the first and every N-th record after it, and says how many were left out', () => {
    const sampler = samplerOf(3);
    const taken = Array.from({ length: 8 }, () => sampler.admit('a'));
    expect(taken).toEqual([0, undefined, undefined, 2, undefined, undefined, 2, undefined]);
    expect(sampler.admit('b')).toBe(0);
  });

  test('admit() takes a message that has not come for a minute, and says how many were left out before', () => {
    const sampler = samplerOf(100);
    for (let times = 0; times < 42; times += 1) sampler.admit('a');
    clock.advance(60_001);
    expect(sampler.admit('a')).toBe(41);
    expect(sampler.admit('a')).toBeUndefined();
  });

  test('admit() remembers a bounded number of messages, and forgets the oldest', () => {
    const sampler = samplerOf(100);
    for (let number = 0; number <= MAX_SAMPLED_MESSAGES; number += 1) sampler.admit(String(number));
    expect(sampler.admit('1')).toBeUndefined();
    expect(sampler.admit('0')).toBe(0);
  });
});

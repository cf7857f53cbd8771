import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

const RATE = 1_000_000;

describe('TokenBucket', () => {
  test('waitMs() says when bytes may be taken again', () => {
    const bucket = new TokenBucket(RATE, 0);
    expect(bucket.waitMs(100)).toBe(0);
    bucket.take(150_000, 100);
    const wait = bucket.waitMs(100);
    expect(wait).toBeCloseTo(50, 1);
    expect(bucket.waitMs(100 + wait - 1)).toBeGreaterThan(0);
    expect(bucket.waitMs(100 + wait + 1)).toBe(0);
  });

  test('take() allows at most the bytes of a fifth of a second at once, however long the pause before', () => {
    const bucket = new TokenBucket(RATE, 0);
    bucket.take(1, 3_600_000);
    bucket.take(199_999, 3_600_000);
    expect(bucket.waitMs(3_600_000)).toBeGreaterThan(0);
  });

  test('giveBack() lets others take the bytes that were not moved', () => {
    const bucket = new TokenBucket(RATE, 0);
    bucket.take(500_000, 100);
    bucket.giveBack(500_000);
    expect(bucket.waitMs(100)).toBe(0);
  });

  test('take() keeps to the rate over time, however much is taken at once and however late', () => {
    const step = fc.record({ bytes: fc.integer({ min: 1, max: 100_000 }), late: fc.nat({ max: 50 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 400, maxLength: 600 }), (steps) => {
        const bucket = new TokenBucket(RATE, 0);
        let now = 0;
        let taken = 0;
        for (const { bytes, late } of steps) {
          const wait = bucket.waitMs(now);
          // The bucket makes up for takes that come late.
          if (wait > 0) now += wait + late;
          if (bucket.waitMs(now) > 0) continue;
          bucket.take(bytes, now);
          taken += bytes;
        }
        // The time moves on to when the last take is paid for.
        now += bucket.waitMs(now);
        expect(taken).toBeGreaterThan((now / 1000) * RATE - 0.2 * RATE - 1);
        expect(taken).toBeLessThan((now / 1000) * RATE + 1);
      }),
      { numRuns: 50 },
    );
  });
});

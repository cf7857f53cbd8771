import { describe, expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';

/** Returns the rate after some seconds of these bytes, with a sample after each. */
function rateAfter(bytesPerSecond: readonly number[], start = 5000): number {
  const meter = new RateMeter();
  meter.sample(start);
  for (const [second, bytes] of bytesPerSecond.entries()) {
    meter.total += bytes;
    meter.sample(start + (second + 1) * 1000);
  }
  return meter.bytesPerSecond;
}

describe('RateMeter', () => {
  test('bytesPerSecond is right after the first second', () => {
    expect(rateAfter([3000])).toBe(3000);
  });

  test('bytesPerSecond follows a change within some seconds', () => {
    expect(rateAfter([1000, ...Array<number>(10).fill(9000)])).toBeCloseTo(9000, -2);
  });

  test('bytesPerSecond becomes 0 when no more bytes come', () => {
    expect(rateAfter([1e9, ...Array<number>(60).fill(0)])).toBe(0);
  });

  test('sample() counts no byte twice, and ignores a second call at the same time', () => {
    const meter = new RateMeter();
    meter.total = 500;
    meter.sample(1000);
    meter.sample(1000);
    expect(meter.bytesPerSecond).toBe(0);
    meter.total += 100;
    meter.sample(1500);
    expect(meter.bytesPerSecond).toBe(200);
  });

  test('latest() is the rate since the last sample, and takes a burst to last a quarter of a second', () => {
    const meter = new RateMeter();
    expect(meter.latest(1000, 0)).toBe(0);
    meter.sample(0);
    expect(meter.latest(1000, 1)).toBe(4000);
    expect(meter.latest(1000, 500)).toBe(2000);
    meter.total = 1000;
    meter.sample(500);
    expect(meter.latest(1000, 1000)).toBe(0);
  });
});

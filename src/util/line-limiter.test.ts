import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { LineLimiter, MAX_LINES, MAX_LINES_PER_KIND, MAX_LINES_PER_NETWORK } from './line-limiter.ts';

const MINUTE = 60_000;

function limiterWithClock() {
  const clock = new FakeClock();
  return { clock, limiter: new LineLimiter(clock) };
}

/** Counts how many of a number of lines are written. */
function written(limiter: LineLimiter, count: number, line: (at: number) => string): number {
  return Array.from({ length: count }, (_, at) => limiter.admits(line(at))).filter(Boolean).length;
}

describe('LineLimiter', () => {
  test('admits() a limited number of lines of a kind about one address, whatever the port and other texts in them', () => {
    const { clock, limiter } = limiterWithClock();
    const bad = (at: number) => `Could not upload to 192.0.2.1:${at} (client ${at})`;
    expect(written(limiter, 5000, bad)).toBe(MAX_LINES_PER_NETWORK.burst);
    expect(limiter.takeLeftOut()).toEqual([{ kind: 'Could not upload to *', count: 4990 }]);
    expect(limiter.takeLeftOut()).toEqual([]);
    clock.advance(2 * MINUTE);
    expect(written(limiter, 5000, bad)).toBe(2 * MAX_LINES_PER_NETWORK.perMinute);
    expect(written(limiter, 1, () => 'Could not upload to 198.51.100.1:1')).toBe(1);
    expect(written(limiter, 1, () => 'Disconnected from 192.0.2.1:1, which has left')).toBe(1);
  });

  test('admits() as many lines about all addresses of an IPv6 /48 as about one', () => {
    const { limiter } = limiterWithClock();
    const bad = (at: number) => `Could not upload to [2001:db8:1:${at.toString(16)}::1]:6881`;
    expect(written(limiter, 5000, bad)).toBe(MAX_LINES_PER_NETWORK.burst);
  });

  test('admits() a limited number of lines of a kind, whatever the number of networks', () => {
    const { clock, limiter } = limiterWithClock();
    const bad = (at: number) => `Could not upload to 10.${at >> 8}.${at & 255}.1:6881`;
    expect(written(limiter, 60_000, bad)).toBe(MAX_LINES_PER_KIND.burst);
    clock.advance(MINUTE);
    expect(written(limiter, 60_000, bad)).toBe(MAX_LINES_PER_KIND.perMinute);
  });

  test('admits() a limited number of lines in all, even if each has words of its own', () => {
    const { clock, limiter } = limiterWithClock();
    const letters = (at: number) => String(at).replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)]!);
    const bad = (at: number) => `Could not announce ${letters(at)}`;
    expect(written(limiter, 50_000, bad)).toBe(MAX_LINES.burst);
    const leftOut = limiter.takeLeftOut();
    expect(leftOut).toHaveLength(11);
    expect(leftOut.reduce((sum, { count }) => sum + count, 0)).toBe(49_000);
    clock.advance(MINUTE);
    expect(written(limiter, 50_000, bad)).toBe(MAX_LINES.perMinute);
  });

  test('admits() reads only the start of a long line', () => {
    const { limiter } = limiterWithClock();
    const line = `Passed over what 192.0.2.1:6881 says about itself: ${'(1.'.repeat(300_000)}`;
    expect(written(limiter, 1000, () => line)).toBe(MAX_LINES_PER_NETWORK.burst);
  });
});

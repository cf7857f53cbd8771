import { describe, expect, test } from 'vitest';
import { StallWatch, UNVERIFIED_STALLS } from './stall-watch.ts';

const LIMIT_MS = 60_000;

/** Looks once a second until the download counts as stalled. @returns the milliseconds that it took; at most `mostMs` */
function passUntilStalled(
  watch: StallWatch,
  figuresAt: (now: number) => { downloaded: number; left: number },
  mostMs: number,
): number {
  for (let now = 1000; now <= mostMs; now += 1000) if (watch.isStalled(figuresAt(now), now)) return now;
  return mostMs;
}

describe('StallWatch', () => {
  test('is stalled when no byte has come for the limit', () => {
    const still = { downloaded: 5, left: 100 };
    const watch = new StallWatch(LIMIT_MS, still, 0);
    expect(passUntilStalled(watch, () => still, 10 * LIMIT_MS)).toBe(LIMIT_MS);
  });

  test('is not stalled while whole pieces come, however seldom within the limit', () => {
    const watch = new StallWatch(LIMIT_MS, { downloaded: 0, left: 1000 }, 0);
    const slow = (now: number) => {
      const pieces = Math.floor(now / (LIMIT_MS - 1000));
      return { downloaded: pieces, left: 1000 - pieces };
    };
    expect(passUntilStalled(watch, slow, 30 * LIMIT_MS)).toBe(30 * LIMIT_MS);
  });

  test('is stalled when useless bytes trickle, after six times the limit', () => {
    const watch = new StallWatch(LIMIT_MS, { downloaded: 0, left: 100 }, 0);
    const trickle = (now: number) => ({ downloaded: now, left: 100 });
    expect(passUntilStalled(watch, trickle, 60 * LIMIT_MS)).toBe(UNVERIFIED_STALLS * LIMIT_MS);
  });

  test('is never stalled without a limit', () => {
    const still = { downloaded: 0, left: 100 };
    expect(passUntilStalled(new StallWatch(0, still, 0), () => still, 100 * LIMIT_MS)).toBe(100 * LIMIT_MS);
  });

  test('does not count the time in which the process was stopped', () => {
    const still = { downloaded: 0, left: 100 };
    const watch = new StallWatch(LIMIT_MS, still, 0);
    expect(watch.isStalled(still, 1000)).toBe(false);
    expect(watch.isStalled(still, 1000 + 10 * LIMIT_MS), 'an hour asleep').toBe(false);
  });

  test('counts anew after restart()', () => {
    const still = { downloaded: 0, left: 100 };
    const watch = new StallWatch(LIMIT_MS, still, 0);
    for (let now = 1000; now < LIMIT_MS; now += 1000) watch.isStalled(still, now);
    watch.restart(still, LIMIT_MS);
    expect(watch.isStalled(still, LIMIT_MS + 1000)).toBe(false);
  });
});

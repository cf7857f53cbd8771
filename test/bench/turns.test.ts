import { afterEach, expect, test, vi } from 'vitest';
import { inTurn, medians, times } from '../../bench/support/statistics.ts';

afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
});

test('inTurn() tells what was measured after each run, so that nothing is lost when a later one fails', async () => {
  vi.spyOn(console, 'log').mockReturnValue();
  const saved: string[] = [];
  let calls = 0;
  const contenders = {
    good: async () => ({ wall: (calls += 1) }),
    bad: async () => {
      if (calls > 1) throw new Error('is not there');
      return { wall: 10 };
    },
  };
  const all = await inTurn(3, contenders, async (soFar) => {
    saved.push(JSON.stringify(soFar));
  });
  expect(all).toEqual({
    runs: { good: [{ wall: 1 }, { wall: 2 }, { wall: 3 }], bad: [{ wall: 10 }] },
    failures: ['bad, from round 2 on: Error: is not there'],
  });
  expect(saved[0]).toBe('{"runs":{"good":[{"wall":1}]},"failures":[]}');
  expect(saved.length).toBe(5);
  expect(process.exitCode).toBe(1);
});

test('times() is not a number when a run was not made', () => {
  expect(times(4, 2)).toBe(2);
  expect(times(undefined, 2)).toBeNaN();
  expect(times(4, undefined)).toBeNaN();
  expect(medians([{ wall: 1 }, { wall: 3 }])).toEqual({ wall: 2 });
});

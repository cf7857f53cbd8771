import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { LONGEST_REST_MS, RepeatedWork } from './repeated-work.ts';

test('RepeatedWork pauses for a bounded time after a run that took hours', async () => {
  const clock = new FakeClock();
  const runs: number[] = [];
  const work = new RepeatedWork({
    clock,
    pauseMs: 1000,
    work: async () => {
      runs.push(clock.now());
      if (runs.length === 1) await new Promise<void>((resolve) => clock.setTimer(3_600_000, resolve));
    },
    context: 'work',
    report: (error) => {
      throw error;
    },
  });
  await clock.pass(1000 + 3_600_000 + LONGEST_REST_MS);
  expect(runs).toHaveLength(2);
  work.close();
  expect(clock.pendingCount).toBe(0);
});

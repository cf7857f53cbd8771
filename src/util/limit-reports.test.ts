import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { limitReports } from './limit-reports.ts';
import { MAX_LINES_PER_NETWORK } from './line-limiter.ts';

test('limitReports() leaves out reports of a kind that are too many, and tells how many they were', () => {
  const reported: string[] = [];
  let fire = (): void => {};
  const clock: Clock = {
    now: () => 0,
    setTimer: (_delay, work) => {
      fire = work;
      return () => {};
    },
  };
  const report = limitReports((error, context) => reported.push(`${context}: ${error.message}`), clock);
  for (let count = 0; count < 500; count += 1) report(new Error('bad'), `upload to 192.0.2.1:${count}`);
  expect(reported).toHaveLength(MAX_LINES_PER_NETWORK.burst);
  fire();
  expect(reported.at(-1)).toBe('upload to *: 490 more like it were left out');
  fire();
  expect(reported).toHaveLength(MAX_LINES_PER_NETWORK.burst + 1);
});

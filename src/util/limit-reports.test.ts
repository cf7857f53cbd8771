import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { limitReports } from './limit-reports.ts';
import { MAX_LINES_PER_NETWORK } from './line-limiter.ts';

const MINUTE = 60_000;

test('limitReports() leaves out the reports of a kind beyond the limit, and reports their number later', () => {
  const reported: string[] = [];
  const clock = new FakeClock();
  const report = limitReports((error, context) => reported.push(`${context}: ${error.message}`), clock);
  for (let count = 0; count < 500; count += 1) report(new Error('bad'), `upload to 192.0.2.1:${count}`);
  expect(reported).toHaveLength(MAX_LINES_PER_NETWORK.burst);
  clock.advance(MINUTE);
  expect(reported.at(-1)).toBe('upload to *: 490 more like it were left out');
  clock.advance(MINUTE);
  expect(reported).toHaveLength(MAX_LINES_PER_NETWORK.burst + 1);
});

import { expect, test } from 'vitest';
import { WireError } from '../wire/index.ts';
import { MAX_BAD_PEERS_TOLD, REPORT_WINDOW_MS, ReportLimit } from './report-limit.ts';

const error = new WireError('BAD_LENGTH', 'The peer sent nonsense');

test('pass() reports one peer of an address a minute, and how many were left out', () => {
  const limit = new ReportLimit();
  expect(limit.pass('a', error, 0)).toBe(error);
  for (let times = 0; times < 400; times += 1) expect(limit.pass('a', error, times)).toBeUndefined();
  expect(limit.pass('b', error, 500)?.message).toBe(
    'The peer sent nonsense (and 400 more peers, which were left out here, broke the protocol)',
  );
  expect(limit.pass('c', error, 500)).toBe(error);
  expect(limit.pass('a', error, REPORT_WINDOW_MS)).toBe(error);
});

test('pass() reports at most MAX_BAD_PEERS_TOLD peers a minute, however many addresses they have', () => {
  const limit = new ReportLimit();
  const told = Array.from({ length: 10_000 }, (_, at) => limit.pass(`${at}`, error, 0));
  expect(told.filter((each) => each !== undefined)).toHaveLength(MAX_BAD_PEERS_TOLD);
});

import { expect, test } from 'vitest';
import { MAX_DURATION_MS, parseDuration, parseDurationOrZero } from './duration.ts';

test('parseDuration() reads each unit and fractions', () => {
  expect(['500ms', '30s', '5m', '1h', '1d', '1.5m', '0.001s', '500h'].map(parseDuration)).toEqual([
    500,
    30_000,
    300_000,
    3_600_000,
    86_400_000,
    90_000,
    1,
    MAX_DURATION_MS,
  ]);
});

test('parseDuration() refuses a number without a unit, zero, a duration over the limit and other texts', () => {
  for (const text of ['30', '0s', '0.1ms', '500.001h', '-1s', '1 s', '21d', '1w', 's', '', '1e3s', '.5s']) {
    expect(parseDuration(text), text).toBeUndefined();
  }
});

test('parseDurationOrZero() reads durations, and zero with and without a unit', () => {
  expect(['0', '0s', '0.0h', '1d', '30'].map(parseDurationOrZero)).toEqual([0, 0, 0, 86_400_000, undefined]);
});

import { expect, test } from 'vitest';
import { readLifetime } from './read-lifetime.ts';

test('readLifetime() reads minutes, hours, days and weeks, and refuses other texts', () => {
  expect(['30m', '12h', '30d', '52w'].map(readLifetime)).toEqual([
    1_800_000, 43_200_000, 2_592_000_000, 31_449_600_000,
  ]);
  for (const text of ['', '0d', '30', 'd', '1.5d', '100000d', '30s', '-1d']) {
    expect(() => readLifetime(text), text).toThrow(/^Expected a time such as/);
  }
});

import { expect, test } from 'vitest';
import { formatNumber } from './format-number.ts';

test.each([
  [16 * 1024 ** 2, undefined, 'MAX_A_BYTES', '16 MiB'],
  [1232, undefined, 'MAX_UDP_RESPONSE_BYTES', '1,232'],
  [1500, undefined, 'OVERDUE_MS', '1.5 s'],
  [500, undefined, 'LINGER_MS', '500 ms'],
  [600_000, 'min', 'RECHECK_MS', '10 min'],
  [1_000_000, undefined, 'MAX_PIECES', '1,000,000'],
] as const)('formatNumber() writes %d as the docs have it', (value, unit, name, text) => {
  expect(formatNumber(value, unit, name)).toBe(text);
});

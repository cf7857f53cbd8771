import { expect, test } from 'vitest';
import { parseSize } from './size.ts';

test.each([
  ['0', 0],
  ['65536', 65_536],
  ['16K', 16_384],
  ['1M', 2 ** 20],
  ['1.5M', 1.5 * 2 ** 20],
  ['1MiB', 2 ** 20],
  ['2g', 2 ** 31],
  ['1T', 2 ** 40],
  ['100B', 100],
  ['50MB', 50_000_000],
  ['1.5kb', 1500],
  ['1GB', 10 ** 9],
  ['1TB', 10 ** 12],
])('parseSize() reads %s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each(['', 'K', '-1', '1P', '1 M', '1iB', '1.5', '1e3', '9999999999999G'])(
  'parseSize() refuses %j',
  (text) => expect(parseSize(text)).toBeUndefined(),
);

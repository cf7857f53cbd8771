import { expect, test } from 'vitest';
import { MAX_RATE, MIN_RATE, parseRate } from './rate.ts';

test.each([
  ['1024', MIN_RATE],
  ['65536', 65_536],
  ['500K', 512_000],
  ['10M', 10 * 2 ** 20],
  ['10m', 10 * 2 ** 20],
  ['1.5G', 1.5 * 2 ** 30],
  ['0.001M', 1049],
  ['1024G', MAX_RATE],
  ['1T', MAX_RATE],
  ['50MB', 50_000_000],
  ['1M/s', 2 ** 20],
  ['1GiB/s', 2 ** 30],
])('parseRate() reads %s', (text, rate) => {
  expect(parseRate(text)).toBe(rate);
});

test.each(['', 'K', '0', '1023', '1025G', '1.001T', '-1M', '1 M', '1Mbit', '1M/m', '1,5M', '.5M', '1e9'])(
  'parseRate() refuses %j',
  (text) => {
    expect(parseRate(text)).toBeUndefined();
  },
);

import { describe, expect, test } from 'vitest';
import { formatCount, formatRate, formatSeconds, formatSize, formatTable } from './format.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [343_691, '335.6 KiB'],
  [1024 * 1023.96, '1.0 MiB'],
  [1.5 * 1024 ** 3, '1.5 GiB'],
  [2 ** 53, '8.0 PiB'],
  [1024 ** 6, '1024.0 PiB'],
])('formatSize() of %d is %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});

test('formatRate() writes a size per second', () => {
  expect(formatRate(2 * 1024 ** 2)).toBe('2.0 MiB/s');
});

test.each([
  [0, '0s'],
  [0.25, '0.3s'],
  [9.94, '9.9s'],
  [9.96, '10s'],
  [59.6, '1m 00s'],
  [125, '2m 05s'],
  [3599.9, '1h 00m'],
  [12_000, '3h 20m'],
  [187_200, '2d 04h'],
  [-5, '0s'],
])('formatSeconds() of %d is %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test('formatCount() writes the plural for any count but 1', () => {
  expect([0, 1, 2].map((count) => formatCount(count, 'peer'))).toEqual(['0 peers', '1 peer', '2 peers']);
});

describe('formatTable()', () => {
  test('aligns numbers to the right, and leaves no blanks at the end of a line', () => {
    const rows = [
      ['a', 1, 'x'],
      ['long name', 1000, ''],
    ];
    expect(formatTable(['NAME', 'N', 'X'], rows)).toEqual([
      'NAME          N  X',
      'a             1  x',
      'long name  1000',
    ]);
  });

  test('writes only the header when there are no rows', () => {
    expect(formatTable(['NAME', 'N'], [])).toEqual(['NAME  N']);
  });
});

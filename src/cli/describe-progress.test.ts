import { expect, test } from 'vitest';
import { describeAmount, describePhase, describeProgress, fitProgress } from './describe-progress.ts';

const DOWNLOADING = {
  phase: 'downloading',
  done: 512 * 1024,
  total: 3 * 2 ** 20,
  downloadRate: 2 ** 19,
  peers: 2,
} as const;

test('describeAmount() gives percent, rate, time left and peers of a download', () => {
  expect(describeAmount(DOWNLOADING)).toBe(' 16%  512.0 KiB of 3.0 MiB, 512.0 KiB/s, 5.0s left, 2 peers');
});

test('describeAmount() says 100% only when every byte is there', () => {
  expect(describeAmount({ ...DOWNLOADING, done: DOWNLOADING.total - 1 })).toMatch(/^ 99%/);
  expect(describeAmount({ ...DOWNLOADING, done: DOWNLOADING.total })).toMatch(/^100% .*KiB\/s, 2 peers$/);
  expect(describeAmount({ ...DOWNLOADING, done: 0, total: 0 })).toMatch(/^100%/);
});

test('describeAmount() gives no time left while nothing comes', () => {
  expect(describeAmount({ ...DOWNLOADING, downloadRate: 0 })).toBe(
    ' 16%  512.0 KiB of 3.0 MiB, 0 B/s, 2 peers',
  );
});

test('describeAmount() speaks of peers only while downloading', () => {
  expect(describeAmount({ ...DOWNLOADING, phase: 'verifying' })).toBe(' 16%  512.0 KiB of 3.0 MiB');
});

test('describePhase() shows a name with control characters escaped', () => {
  expect(describePhase(DOWNLOADING)).toBe('Downloading');
  expect(describePhase({ ...DOWNLOADING, name: 'a\u001b' })).toBe('Downloading a\\x1b');
});

test('describeProgress() gives no amount while the file is looked up', () => {
  expect(describeProgress({ phase: 'looking-up', done: 0, total: 0 })).toBe('Looking up');
  expect(describeProgress({ phase: 'hashing', done: 1, total: 2 })).toBe('Hashing: 50%  1 B of 2 B');
});

/** A line with `#` for the bar. */
function lineOf(columns: number, name = 'debian-testing-12.5.0-amd64-DVD-1.iso'): string {
  const progress = { ...DOWNLOADING, name, total: 4 * 2 ** 30, downloadRate: 12 * 2 ** 20, peers: 12 };
  return fitProgress({ ...progress, done: 2 ** 30 }, columns, (width) => '#'.repeat(width));
}

test.each([
  [
    120,
    '#########  25%  1.0 GiB of 4.0 GiB, 12.0 MiB/s, 4m 16s left, 12 peers  Downloading debian-testing-12.5.0-amd64-DVD-1.iso',
  ],
  [80, ' 25%  1.0 GiB of 4.0 GiB, 12.0 MiB/s, 4m 16s left  debian-testing…md64-DVD-1.iso'],
  [40, ' 25%  debian-testing-12…-amd64-DVD-1.iso'],
  [20, ' 25%  debian-…-1.iso'],
  [8, ' 25%  d…'],
])('fitProgress() fits %d columns, with the name in them', (columns, line) => {
  expect(lineOf(columns)).toBe(line);
  expect(line.length).toBeLessThanOrEqual(columns);
});

test('fitProgress() draws a bar where there is room for one', () => {
  expect(lineOf(120, 'a.iso')).toMatch(/^#{24} {2}25%/);
  expect(lineOf(86, 'a.iso')).toMatch(/^ 25% .* Downloading a\.iso$/);
});

import { expect, test } from 'vitest';
import { describeAmount, describePhase, describeProgress } from './describe-progress.ts';

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

test('describeAmount() says 100% only when all is there', () => {
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

test('describePhase() shows a name, made printable', () => {
  expect(describePhase(DOWNLOADING)).toBe('Downloading');
  expect(describePhase({ ...DOWNLOADING, name: 'a\u001b' })).toBe('Downloading a\ufffd');
});

test('describeProgress() gives no amount while the file is looked up', () => {
  expect(describeProgress({ phase: 'looking-up', done: 0, total: 0 })).toBe('Looking up');
  expect(describeProgress({ phase: 'hashing', done: 1, total: 2 })).toBe('Hashing: 50%  1 B of 2 B');
});

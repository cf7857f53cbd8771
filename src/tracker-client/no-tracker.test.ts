import { expect, test } from 'vitest';
import { describeNoTracker } from './no-tracker.ts';

test('describeNoTracker() says that there is no tracker when the torrent names none', () => {
  expect(describeNoTracker([])).toBe('names no tracker');
});

test('describeNoTracker() names the trackers that Shoal cannot ask, without their passwords', () => {
  expect(describeNoTracker(['ftp://me:secret@a.example/announce', 'tracker.example:80'])).toBe(
    'names only trackers that Shoal cannot ask (ftp://a.example/announce, "tracker.example:80"; it speaks http:, https: and udp:)',
  );
});

test('describeNoTracker() stays short however many trackers there are, and however long they are', () => {
  const others = Array.from({ length: 1000 }, (_, at) => `ftp://a.example/${at}${'x'.repeat(60_000)}`);
  const described = describeNoTracker(others);
  expect(described).toMatch(/ and 997 more; /);
  expect(described.length).toBeLessThan(1100);
});

import { expect, test } from 'vitest';
import { MAX_REQUEST_HEAD_BYTES } from './request-head.ts';
import { UnreadBytes } from './unread-bytes.ts';

/** Reads bytes one by one. @returns how often all of them were worth reading, and how many that was */
function drip(text: string): { times: number; bytes: number } {
  const unread = new UnreadBytes();
  let [times, bytes] = [0, 0];
  for (const character of text) {
    const worth = unread.add(Buffer.from(character));
    if (worth === undefined) continue;
    times += 1;
    bytes += worth.length;
    unread.keep(worth);
  }
  return { times, bytes };
}

test('UnreadBytes has a head parsed a few times only, however many pieces it arrives in', () => {
  const { times, bytes } = drip('x'.repeat(MAX_REQUEST_HEAD_BYTES));
  expect(times).toBeLessThan(20);
  expect(bytes).toBeLessThan(3 * MAX_REQUEST_HEAD_BYTES);
});

test('UnreadBytes has a head parsed as soon as it has ended', () => {
  const unread = new UnreadBytes();
  unread.keep(Buffer.from('GET /announce HTTP/1.1\r\nHost: t\r'));
  expect(unread.add(Buffer.from('\n'))).toBeUndefined();
  expect(unread.add(Buffer.from('\r'))).toBeUndefined();
  expect(unread.add(Buffer.from('\n'))?.toString()).toMatch(/\r\n\r\n$/);
});

test('UnreadBytes has a head that is too long parsed at once, so that it is refused', () => {
  const unread = new UnreadBytes();
  unread.keep(Buffer.alloc(MAX_REQUEST_HEAD_BYTES - 10));
  expect(unread.add(Buffer.alloc(10))).toBeUndefined();
  expect(unread.add(Buffer.alloc(1))).toHaveLength(MAX_REQUEST_HEAD_BYTES + 1);
});

import { expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

test('oneAtATime() runs once more for calls that came while it ran, and goes on after a failure', async () => {
  const ends: ((error?: Error) => void)[] = [];
  const work = oneAtATime(
    () =>
      new Promise((resolve, reject) => {
        ends.push((error) => (error === undefined ? resolve() : reject(error)));
      }),
  );
  const first = work();
  await work();
  await work();
  expect(ends).toHaveLength(1);
  ends[0]!();
  await expect.poll(() => ends.length).toBe(2);
  ends[1]!(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  const last = work();
  expect(ends).toHaveLength(3);
  ends[2]!();
  await last;
});

import { expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

test('oneAtATime() leaves out what comes while it is under way, and goes on after a failure', async () => {
  const ends: ((error?: Error) => void)[] = [];
  const work = oneAtATime(
    () =>
      new Promise((resolve, reject) => {
        ends.push((error) => (error === undefined ? resolve() : reject(error)));
      }),
  );
  const first = work();
  await work();
  expect(ends).toHaveLength(1);
  ends[0]!(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  const second = work();
  expect(ends).toHaveLength(2);
  ends[1]!();
  await second;
});

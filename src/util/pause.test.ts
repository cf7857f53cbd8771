import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { pause } from './pause.ts';

test('pause() resolves when its time has passed, and leaves no listener on the signal', async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const begin = clock.now();
  const paused = pause(clock, 5000, signal).then(() => clock.now() - begin);
  await clock.pass(10_000);
  expect(await paused).toBe(5000);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('pause() rejects with the reason of its signal, even if the signal aborted before', async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const paused = pause(clock, 5000, stop.signal);
  const reason = new Error('enough');
  stop.abort(reason);
  await expect(paused).rejects.toBe(reason);
  await expect(pause(clock, 5000, stop.signal)).rejects.toBe(reason);
  expect(clock.pendingCount).toBe(0);
});

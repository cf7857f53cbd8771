import { expect, test } from 'vitest';
import { type Clock, MAX_DESCRIPTOR_TRIES } from '../util/index.ts';
import { withDescriptors } from './with-descriptors.ts';

const failing = (code: string) => Object.assign(new Error(code), { code });

/** A clock on which every timer is due at once. */
const hastyClock: Clock = {
  now: () => 0,
  setTimer: (_, fire) => {
    queueMicrotask(fire);
    return () => {};
  },
};

test('withDescriptors() tries again until there are some, for some seconds, and nothing else again', async () => {
  let calls = 0;
  const open = (failures: number, code = 'EMFILE') => {
    calls = 0;
    return withDescriptors(hastyClock, async () => {
      calls += 1;
      if (calls <= failures) throw failing(code);
      return calls;
    });
  };
  expect(await open(0)).toBe(1);
  expect(await open(30)).toBe(31);
  await expect(open(1_000_000)).rejects.toMatchObject({ code: 'EMFILE' });
  expect(calls).toBe(MAX_DESCRIPTOR_TRIES);
  await expect(open(1, 'ENOENT')).rejects.toMatchObject({ code: 'ENOENT' });
  expect(calls).toBe(1);
});

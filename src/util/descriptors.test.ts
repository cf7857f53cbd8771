import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { lacksDescriptors, MAX_DESCRIPTOR_TRIES, withDescriptors } from './descriptors.ts';

const failing = (code: string, message = code) => Object.assign(new Error(message), { code });

test.each([
  [failing('EMFILE'), true],
  [failing('ENFILE'), true],
  [new Error('Cannot open it', { cause: failing('EMFILE') }), true],
  [failing('ERR_WORKER_INIT_FAILED', 'Worker initialization failure: EMFILE'), true],
  [failing('ERR_WORKER_INIT_FAILED', 'Worker initialization failure: EINVAL'), false],
  [failing('ENOENT'), false],
  [new Error('EMFILE'), false],
  ['EMFILE', false],
])('lacksDescriptors() of %s is %s', (error, lacks) => {
  expect(lacksDescriptors(error)).toBe(lacks);
});

test('lacksDescriptors() ends with errors that cause each other', () => {
  const error: Error & { cause?: unknown } = new Error('a circle');
  error.cause = error;
  expect(lacksDescriptors(error)).toBe(false);
});

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

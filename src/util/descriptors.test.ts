import { expect, test } from 'vitest';
import { lacksDescriptors } from './descriptors.ts';

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

test('lacksDescriptors() is false for an error that causes itself', () => {
  const error: Error & { cause?: unknown } = new Error('a circle');
  error.cause = error;
  expect(lacksDescriptors(error)).toBe(false);
});

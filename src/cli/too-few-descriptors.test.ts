import { expect, test } from 'vitest';
import { cameOfTooFewDescriptors } from './too-few-descriptors.ts';

test('cameOfTooFewDescriptors() finds that in an error and in what led to it', () => {
  const of = (code: string, message = '') => Object.assign(new Error(message), { code });
  expect(cameOfTooFewDescriptors(of('EMFILE'))).toBe(true);
  expect(cameOfTooFewDescriptors(new Error('x', { cause: of('ENFILE') }))).toBe(true);
  const thread = of('ERR_WORKER_INIT_FAILED', 'Worker initialization failure: EMFILE');
  expect(cameOfTooFewDescriptors(new Error('x', { cause: new Error('y', { cause: thread }) }))).toBe(true);
  expect(cameOfTooFewDescriptors(of('ERR_WORKER_INIT_FAILED', 'Worker initialization failure: ENOMEM'))).toBe(
    false,
  );
  expect(cameOfTooFewDescriptors(new Error('EMFILE'))).toBe(false);
});

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { lacksDescriptors, systemReason } from './system-error.ts';

test('systemReason() tells a common error in plain words', async () => {
  const error = await readFile('/nowhere/at/all').catch((thrown: NodeJS.ErrnoException) => thrown);
  expect(systemReason(error as NodeJS.ErrnoException)).toBe('there is no such file or folder');
});

test('systemReason() tells a rare one as the system does', () => {
  expect(systemReason(Object.assign(new Error('EXDEV: cross-device link'), { code: 'EXDEV' }))).toBe(
    'EXDEV: cross-device link',
  );
  expect(systemReason(new Error('no code'))).toBe('no code');
});

test('lacksDescriptors() finds that in an error and in what led to it', () => {
  const of = (code: string, message = '') => Object.assign(new Error(message), { code });
  expect(lacksDescriptors(of('EMFILE'))).toBe(true);
  expect(lacksDescriptors(new Error('x', { cause: of('ENFILE') }))).toBe(true);
  const thread = of('ERR_WORKER_INIT_FAILED', 'Worker initialization failure: EMFILE');
  expect(lacksDescriptors(new Error('x', { cause: new Error('y', { cause: thread }) }))).toBe(true);
  expect(lacksDescriptors(of('ERR_WORKER_INIT_FAILED', 'Worker initialization failure: ENOMEM'))).toBe(false);
  expect(lacksDescriptors(new Error('EMFILE'))).toBe(false);
});

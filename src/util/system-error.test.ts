import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { systemReason } from './system-error.ts';

test('systemReason() tells a common error in plain words', async () => {
  const error = await readFile('/nowhere/at/all').catch((thrown: NodeJS.ErrnoException) => thrown);
  expect(systemReason(error as NodeJS.ErrnoException)).toBe('there is no such file or folder');
});

test('systemReason() gives the words of the system for a rare error', () => {
  expect(systemReason(Object.assign(new Error('EXDEV: cross-device link'), { code: 'EXDEV' }))).toBe(
    'EXDEV: cross-device link',
  );
  expect(systemReason(new Error('no code'))).toBe('no code');
});

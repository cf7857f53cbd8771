import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { planPart, StorageError } from '../storage/index.ts';
import { nameOutput } from './name-output.ts';

const FILES = [{ offset: 0, length: 1, path: ['a', 'b'] }];

/** The message of a system's error at a path, as {@link nameOutput} tells it. */
function messageOf(code: string, path: string, given: string, isSingleFile = true): unknown {
  const part = planPart(resolve('/base', given), isSingleFile, FILES);
  const error = StorageError.from(Object.assign(new Error('raw'), { code }), 'write to', path);
  return (nameOutput(error, resolve('/base', given), part) as Error).message.replaceAll('/base/', '');
}

test.each([
  ['EROFS', '/base/ro/x.part.lock', 'its folder is not writable: the file system is read-only'],
  ['EACCES', '/base/ro', 'its folder is not writable: permission denied'],
  ['ENOSPC', '/base/ro/x.part', 'the disk is full'],
  ['ENOSPC', '/base/ro/x.part.resume', 'the disk is full'],
  ['EACCES', '/base/ro/x.part', 'permission denied'],
  ['ENOTDIR', '/base/ro/x.part.lock', 'a part of its path is a file, not a folder'],
  ['EEXIST', '/base/ro', 'a part of its path is a file, not a folder'],
  ['EWEIRD', '/base/ro/x.part', 'raw'],
])('nameOutput() names the output for %s at %s', (code, path, reason) => {
  expect(messageOf(code, path, 'ro/x')).toBe(`Cannot download to ro/x: ${reason}`);
});

test('nameOutput() names a file below the output', () => {
  const message = messageOf('ENAMETOOLONG', '/base/photos.part/a/b', 'photos', false);
  expect(message).toBe('Cannot download to photos/a/b: its name is too long');
});

test('nameOutput() keeps a relative path as it was given', () => {
  const error = new StorageError('NOT_WRITABLE', resolve('out/x'), { action: 'download to', reason: 'no' });
  expect(nameOutput(error, 'out/x', undefined)).toMatchObject({ message: 'Cannot download to out/x: no' });
  expect(nameOutput(error, 'out/', undefined)).toMatchObject({ message: 'Cannot download to out/x: no' });
});

test('nameOutput() gives back other errors as they are', () => {
  const error = new Error('other');
  expect(nameOutput(error, 'x', undefined)).toBe(error);
});

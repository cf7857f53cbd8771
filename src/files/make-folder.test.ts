import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { makeFolder } from './index.ts';

test('makeFolder() makes all missing folders, even for several callers at once', async () => {
  await using folder = await tempFolder();
  const path = folder.join('a/b/c/d');
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(folder.join('a/b/x'))]);
  await makeFolder(path);
  expect((await stat(path)).isDirectory()).toBe(true);
  expect((await stat(folder.join('a/b/x'))).isDirectory()).toBe(true);
});

test.skipIf(process.platform === 'win32')('makeFolder() gives its mode to the folder itself', async () => {
  await using folder = await tempFolder();
  const modeOf = async (name: string) => (await stat(folder.join(name))).mode & 0o777;
  await makeFolder(folder.join('a/b'), 0o700);
  expect([await modeOf('a/b'), (await modeOf('a')) & 0o700]).toEqual([0o700, 0o700]);
  await makeFolder(folder.join('c'), 0o700);
  expect(await modeOf('c')).toBe(0o700);
});

test('makeFolder() follows a link to a folder', async () => {
  await using folder = await tempFolder();
  await mkdir(folder.join('real'));
  await symlink('real', folder.join('link'));
  await makeFolder(folder.join('link/sub'));
  expect((await stat(folder.join('real/sub'))).isDirectory()).toBe(true);
});

test('makeFolder() rejects when the path leads through a file or a link to nowhere', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('file'), '');
  await symlink('nowhere', folder.join('link'));
  await expect(makeFolder(folder.join('file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(folder.join('file/sub/deep'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(makeFolder(folder.join('link/sub'))).rejects.toThrow();
});

test.runIf(process.platform === 'linux')(
  'makeFolder() rejects below /proc, where no folder can be made',
  async () => {
    await expect(makeFolder('/proc/nope/deep/er')).rejects.toMatchObject({ code: 'ENOENT' });
  },
);

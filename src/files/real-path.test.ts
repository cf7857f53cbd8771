import { mkdir, open, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type TempFolder, tempFolder } from '../../test/support/index.ts';
import { isOpenAt, realPathOf, realPathOfNew } from './index.ts';

/** Makes a trusted file in a folder that others may write to, and a secret outside of that folder. */
async function setUp(): Promise<TempFolder> {
  const folder = await tempFolder();
  for (const name of ['shared', 'shared/sub', 'secrets']) await mkdir(folder.join(name));
  await writeFile(folder.join('shared/sub/file'), 'shared');
  await writeFile(folder.join('secrets/file'), 'secret');
  return folder;
}

/** Opens a path, and tells whether the opened file is the one at `realPath`. */
async function isOpened(path: string, realPath: string): Promise<boolean> {
  await using file = await open(path, 'r');
  return isOpenAt(file.fd, realPath);
}

describe('isOpenAt()', () => {
  test('isOpenAt() is true for the file that was opened, also through links that were there before', async () => {
    await using folder = await setUp();
    const path = folder.join('shared/sub/file');
    expect(await isOpened(path, await realPathOf(path))).toBe(true);
    await symlink('shared', folder.join('link'));
    const linked = folder.join('link/sub/file');
    expect(await realPathOf(linked)).toBe(await realpath(path));
    expect(await isOpened(linked, await realPathOf(linked))).toBe(true);
  });

  test.each([
    ['the file', 'shared/sub/file', '../../secrets/file'],
    ['its folder', 'shared/sub', '../secrets'],
  ])('isOpenAt() is false when a link took the place of %s', async (_what, place, target) => {
    await using folder = await setUp();
    const path = folder.join('shared/sub/file');
    const realPath = await realPathOf(path);
    await rm(folder.join(place), { recursive: true });
    await symlink(target, folder.join(place));
    expect(await isOpened(path, realPath)).toBe(false);
  });

  test('isOpenAt() is false when the file was opened through a link that is gone since', async () => {
    await using folder = await setUp();
    const path = folder.join('shared/sub/file');
    const realPath = await realPathOf(path);
    await rename(folder.join('shared/sub'), folder.join('shared/kept'));
    await symlink('../secrets', folder.join('shared/sub'));
    await using file = await open(path, 'r');
    await rm(folder.join('shared/sub'));
    await rename(folder.join('shared/kept'), folder.join('shared/sub'));
    expect(isOpenAt(file.fd, realPath)).toBe(false);
    // A check of the names alone does not notice the link.
    expect(await realPathOf(path)).toBe(realPath);
    expect((await stat(path)).isFile()).toBe(true);
  });

  test('realPathOfNew() resolves the folders that exist', async () => {
    await using folder = await setUp();
    await symlink('shared', folder.join('link'));
    expect(await realPathOfNew(folder.join('link/new/file'))).toBe(
      await realPathOfNew(folder.join('shared/new/file')),
    );
  });
});

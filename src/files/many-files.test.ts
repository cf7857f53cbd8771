import { mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { manyFilesHere, realPathOf } from './index.ts';

describe('ManyFiles.make()', () => {
  test('make() makes files of their length and mode, and none in the place of another', async () => {
    await using folder = await tempFolder();
    const files = ['a', 'b'].map((name, at) => {
      return { path: folder.join(name), realPath: folder.join(name), length: 5 * at, mode: 0o700 };
    });
    await manyFilesHere.make(files);
    const [a, b] = await Promise.all(files.map(({ path }) => stat(path)));
    expect([a?.size, b?.size, a!.mode & 0o777]).toEqual([0, 5, 0o700]);
    await writeFile(folder.join('b'), 'keep');
    const again = [{ ...files[0]!, path: folder.join('c'), realPath: folder.join('c') }, files[1]!];
    await expect(manyFilesHere.make(again)).rejects.toMatchObject({ code: 'EEXIST', index: 1 });
    expect(await readFile(folder.join('b'), 'utf8')).toBe('keep');
  });

  test('make() and flush() follow no link that took the place of a folder', async () => {
    await using folder = await tempFolder();
    for (const name of ['sub', 'elsewhere']) await mkdir(folder.join(name));
    const root = await realPathOf(folder.join('.'));
    const file = { path: folder.join('sub/a'), realPath: `${root}/sub/a`, length: 1, mode: 0o600 };
    await rename(folder.join('sub'), folder.join('moved'));
    await symlink('elsewhere', folder.join('sub'));
    await expect(manyFilesHere.make([file])).rejects.toMatchObject({ code: 'ELOOP', index: 0 });
    expect(await readdir(folder.join('elsewhere'))).toEqual([]);
    await writeFile(folder.join('elsewhere/a'), '');
    await expect(manyFilesHere.flush([file])).rejects.toMatchObject({ code: 'ELOOP', index: 0 });
  });
});

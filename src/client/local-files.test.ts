import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { makeFile, tempFolder } from '../../test/support/index.ts';
import { createHashPool } from '../hashing/index.ts';
import { LocalFiles, requireReusable } from './local-files.ts';

const pool = createHashPool({ threads: 1 });
afterAll(() => pool.close());
const { signal } = new AbortController();
const fail = (error: Error) => {
  throw error;
};

describe('LocalFiles', () => {
  test('finds regular files only, and follows no link but the one that was named', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('there/a/.hidden'), 3, 'a');
    await makeFile(folder.join('outside'), 3, 'b');
    await symlink(folder.join('outside'), folder.join('there/link'));
    await promisify(execFile)('mkfifo', [folder.join('there/pipe')]);
    await symlink(folder.join('there'), folder.join('named'));
    const local = await LocalFiles.open([folder.join('named'), folder.join('there/a')], '/none', pool, fail);
    expect((await local.all(signal)).map(({ realPath }) => realPath)).toEqual([
      folder.join('there/a/.hidden'),
    ]);
    for (const name of ['link', 'pipe', 'a', 'missing'])
      expect(await local.atPath([name], false)).toEqual([]);
    expect(await local.atPath(['a', '.hidden'], false)).toMatchObject([{ length: 3 }]);
  });

  test('leaves out the part, and what is in it', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('out.part/a'), 3, 'a');
    await makeFile(folder.join('out.part.old/a'), 3, 'a');
    const local = await LocalFiles.open([folder.path], folder.join('out.part'), pool, fail);
    expect((await local.all(signal)).map(({ names }) => names.join('/'))).toEqual(['out.part.old/a']);
    expect(await local.atPath(['out.part', 'a'], false)).toEqual([]);
  });

  test('takes a file that was named for any name of a single file, and for its own name in a folder', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('old.iso'), 3, 'a');
    const local = await LocalFiles.open([folder.join('old.iso')], '/none', pool, fail);
    expect(await local.atPath(['new.iso'], true)).toMatchObject([{ names: ['old.iso'] }]);
    expect(await local.atPath(['old.iso'], false)).toEqual([]);
    expect(await local.all(signal)).toMatchObject([{ names: ['old.iso'], length: 3 }]);
  });

  test('open() reports a path that is gone, and goes on with the others', async () => {
    await using folder = await tempFolder();
    await mkdir(folder.join('there'));
    const errors: string[] = [];
    await LocalFiles.open([folder.join('gone'), folder.join('there')], '/none', pool, ({ message }) =>
      errors.push(message),
    );
    expect(errors).toEqual([`Cannot reuse ${folder.join('gone')}: there is no such file or folder`]);
  });
});

test('requireReusable() refuses what does not exist and what is neither a file nor a folder', async () => {
  await expect(requireReusable(['/dev/null'])).rejects.toThrow(
    'Cannot reuse /dev/null: it is a character device, neither a file nor a folder',
  );
  await expect(requireReusable(['/none'])).rejects.toMatchObject({ code: 'MISSING' });
});

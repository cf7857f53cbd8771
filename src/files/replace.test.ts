import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runProcess, tempFolder } from '../../test/support/index.ts';
import { findWritableName, openAnew, replaceFile, requireReplaceable } from './index.ts';

test('findWritableName() follows links to the end, and gives the path and the kind of the file there', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('file'), '');
  await mkdir(folder.join('folder'));
  await symlink('file', folder.join('one'));
  await symlink(folder.join('one'), folder.join('two'));
  const find = (name: string) => findWritableName('write to', folder.join(name));
  expect(await find('nothing')).toEqual({ path: folder.join('nothing'), kind: undefined });
  expect(await find('file')).toEqual({ path: folder.join('file'), kind: 'file' });
  expect(await find('folder/')).toEqual({ path: folder.join('folder'), kind: 'folder' });
  expect(await find('two')).toEqual({ path: folder.join('file'), kind: 'file' });
});

describe.skipIf(process.platform === 'win32')('findWritableName() refuses', () => {
  test('a named pipe, a device behind a link, a link to nowhere and one to itself', async () => {
    await using folder = await tempFolder();
    await runProcess('mkfifo', [folder.join('pipe')]);
    await symlink('/dev/null', folder.join('null'));
    await symlink('gone', folder.join('dangling'));
    await symlink('self', folder.join('self'));
    const find = (name: string) => findWritableName('write to', folder.join(name));
    await expect(find('pipe')).rejects.toThrow(
      /Cannot write to .*pipe: it is a named pipe; only a regular file/,
    );
    await expect(find('null')).rejects.toThrow('it is a character device, at /dev/null');
    await expect(find('dangling')).rejects.toThrow(/leads to .*gone, where nothing is/);
    await expect(find('self')).rejects.toThrow('leads to itself');
    await expect(requireReplaceable('write to', folder.join('null'))).rejects.toThrow(
      'it is a symbolic link',
    );
  });

  test.runIf(process.getuid?.() === 0).each(['1777', '777'])(
    'a link of another user in a folder of mode %s',
    async (mode) => {
      await using folder = await tempFolder();
      const shared = folder.join('tmp');
      await mkdir(shared);
      await runProcess('chmod', [mode, shared]);
      await writeFile(folder.join('precious'), 'precious');
      await symlink('../precious', `${shared}/link`);
      expect(await findWritableName('write to', `${shared}/link`)).toMatchObject({ kind: 'file' });
      await runProcess('chown', ['-h', '12345', `${shared}/link`]);
      await expect(findWritableName('write to', `${shared}/link`)).rejects.toThrow('another user');
    },
  );
});

test('replaceFile() replaces a file in one step, and leaves no other file behind', async () => {
  await using folder = await tempFolder();
  await replaceFile(folder.join('a'), Buffer.from('one'));
  await writeFile(folder.join('a~'), 'left over');
  await replaceFile(folder.join('a'), Buffer.from('two'));
  expect(await readFile(folder.join('a'), 'utf8')).toBe('two');
  expect(await readdir(folder.path)).toEqual(['a']);
});

test.skipIf(process.platform === 'win32')(
  'replaceFile() and openAnew() refuse a pipe and a device, and leave them as they are',
  async () => {
    await using folder = await tempFolder();
    await runProcess('mkfifo', [folder.join('a~')]);
    await symlink('/dev/null', folder.join('b'));
    await expect(replaceFile(folder.join('a'), Buffer.from(''))).rejects.toMatchObject({
      code: 'WRONG_KIND',
    });
    await expect(replaceFile(folder.join('b'), Buffer.from(''))).rejects.toMatchObject({
      code: 'WRONG_KIND',
    });
    await expect(openAnew(folder.join('b'))).rejects.toMatchObject({ code: 'WRONG_KIND' });
    expect((await readdir(folder.path)).toSorted()).toEqual(['a~', 'b']);
  },
);

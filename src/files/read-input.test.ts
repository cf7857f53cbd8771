import { chown, link, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runProcess, spawnProcess, tempFolder } from '../../test/support/index.ts';
import { readInput, readOwnFile } from './index.ts';

test('readInput() reads a file, and one byte more than the limit when it is longer', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('a'), 'x'.repeat(200_000));
  expect(await readInput(folder.join('a'), 1_000_000)).toHaveLength(200_000);
  expect(await readInput(folder.join('a'), 100)).toHaveLength(101);
  await expect(readInput(folder.join('b'), 100)).rejects.toMatchObject({ code: 'ENOENT' });
});

describe.skipIf(process.platform === 'win32')('readInput() of a path that is no regular file', () => {
  test('refuses a device, a link to a device, and a folder', async () => {
    await using folder = await tempFolder();
    await symlink('/dev/zero', folder.join('zero'));
    for (const path of ['/dev/zero', folder.join('zero')]) {
      await expect(readInput(path, 100)).rejects.toMatchObject({
        code: 'WRONG_KIND',
        kind: 'character device',
      });
    }
    await expect(readInput(folder.path, 100)).rejects.toMatchObject({ kind: 'folder' });
  });

  test('refuses a pipe without a writer, and does not wait for one', async () => {
    await using folder = await tempFolder();
    await runProcess('mkfifo', [folder.join('pipe')]);
    await expect(readInput(folder.join('pipe'), 100)).rejects.toThrow(
      'it is a named pipe that nobody writes to',
    );
  });

  test('takes the null device for an empty file', async () => {
    expect(await readInput('/dev/null', 100)).toHaveLength(0);
  });

  test('reads a pipe to its end, however long the writer takes', async () => {
    const url = new URL('./index.js', import.meta.url).href;
    const source = `
      const { readInput } = await import(${JSON.stringify(url)});
      const reading = readInput('/dev/stdin', 100);
      console.log('reading');
      console.log('read ' + await reading);
    `;
    const command = 'head -n 1 | "$0" --input-type=module -e "$1"';
    await using reader = await spawnProcess('sh', ['-c', command, process.execPath, source]);
    await reader.waitForLine(/^reading$/);
    reader.writeLine('hello');
    await reader.waitForLine(/^read hello$/);
    await reader.exitsWith(0);
  });
});

test.skipIf(process.platform === 'win32')(
  'readOwnFile() reads a regular file of this user, and no link or pipe',
  async () => {
    await using folder = await tempFolder();
    const path = folder.join('own');
    await writeFile(path, 'mine');
    expect((await readOwnFile(path, 4))?.toString()).toBe('mine');
    expect(await readOwnFile(path, 3)).toBeUndefined();
    expect(await readOwnFile(folder.join('none'), 4)).toBeUndefined();
    await symlink('own', folder.join('link'));
    expect(await readOwnFile(folder.join('link'), 4)).toBeUndefined();
    await runProcess('mkfifo', [folder.join('pipe')]);
    expect(await readOwnFile(folder.join('pipe'), 4)).toBeUndefined();
    await link(path, folder.join('second'));
    expect(await readOwnFile(path, 4)).toBeUndefined();
  },
);

test.runIf(process.getuid?.() === 0)('readOwnFile() reads no file of another user', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('own'), 'mine');
  await chown(folder.join('own'), 12345, 0);
  expect(await readOwnFile(folder.join('own'), 4)).toBeUndefined();
});

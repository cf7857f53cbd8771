import { lstat, mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFile, runProcess, type TempFolder, tempFolder } from '../support/index.ts';
import { runShoal } from './shoal.ts';

let folder: TempFolder;

beforeAll(async () => {
  folder = await tempFolder();
  await makeFile(folder.join('a.bin'), 1000, 'a');
  await runProcess('mkfifo', [folder.join('pipe')]);
  await runProcess('mkfifo', [folder.join('pipe.torrent')]);
  await symlink('/dev/zero', folder.join('zero'));
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('a named pipe or a device in the place of a file is told, and holds nothing up', () => {
  test.for<[exitCode: number, args: string[]]>([
    [6, ['show', 'pipe']],
    [6, ['show', 'zero']],
    [6, ['verify', 'pipe', '.']],
    [6, ['get', 'pipe.torrent']],
    [6, ['seed', 'pipe.torrent', '--data', '.']],
    [2, ['ls', '--config', 'pipe']],
    [2, ['ls', '--config', 'zero']],
    [6, ['token', 'list', '--tokens', 'pipe']],
    [6, ['token', 'list', '--tokens', 'zero']],
    [6, ['token', 'create', '--scope', 'register', '--tokens', 'pipe']],
    [2, ['tracker', '--check-config', '--tokens', 'pipe']],
    [6, ['create', 'a.bin', '-o', 'pipe', '--force']],
    [6, ['create', 'a.bin', '-o', 'zero', '--force']],
  ])('with exit code %s: %s', async ([exitCode, args]) => {
    const failed = await runShoal(args, exitCode, { cwd: folder.path });
    expect(failed['message']).toMatch(/it is a (named pipe|character device)/);
    expect((await lstat(folder.join('pipe'))).isFIFO()).toBe(true);
    expect(await readlink(folder.join('zero'))).toBe('/dev/zero');
  });
});

describe('shoal create', () => {
  test('writes into a folder, and into a new one that ends in a slash', async () => {
    await mkdir(folder.join('there'));
    const flags = (output: string) => ['create', 'a.bin', '--v1', '-o', output];
    const { path } = await runShoal(flags('there'), 0, { cwd: folder.path });
    expect(path).toBe('there/a.bin.torrent');
    await runShoal(flags('new/'), 0, { cwd: folder.path });
    expect(await readFile(folder.join('new/a.bin.torrent'))).toEqual(
      await readFile(folder.join('there/a.bin.torrent')),
    );
  });

  test('replaces the file that a link leads to with --force, and keeps the link', async () => {
    await writeFile(folder.join('old.torrent'), 'old');
    await symlink('old.torrent', folder.join('link.torrent'));
    const args = ['create', 'a.bin', '-o', 'link.torrent'];
    await runShoal(args, 2, { cwd: folder.path });
    expect(await readFile(folder.join('old.torrent'), 'utf8')).toBe('old');
    await runShoal([...args, '--force'], 0, { cwd: folder.path });
    expect(await readFile(folder.join('old.torrent'), 'latin1')).toMatch(/^d/);
    expect(await readlink(folder.join('link.torrent'))).toBe('old.torrent');
  });
});

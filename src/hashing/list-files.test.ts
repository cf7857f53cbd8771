import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHashPool } from './hash-pool.ts';
import { describeLeftOut } from './left-out.ts';
import { type ListOptions, listFiles } from './list-files.ts';

let folder: string;
const pool = createHashPool({ threads: 1 });

afterAll(() => pool.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-list-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function make(...names: string[]): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, name);
  }
}

async function listed(options?: ListOptions) {
  const { files, leftOut, failures } = await listFiles(pool, join(folder, 'root'), options);
  return { names: files.map(({ path }) => path.join('/')), leftOut, failures };
}

describe('listFiles()', () => {
  test('listFiles() lists files, links and empty folders, and counts what it leaves out', async () => {
    await make('root/b/file', 'root/a', 'root/.hidden', 'root/.git/config', 'outside/file');
    await mkdir(join(folder, 'root/empty'));
    await symlink(join(folder, 'outside'), join(folder, 'root/link'));
    execFileSync('mkfifo', [join(folder, 'root/pipe')]);
    await symlink('../a', join(folder, 'root/b/up'));
    const { names, leftOut, failures } = await listed();
    expect(names).toEqual(['a', 'b/file']);
    expect(leftOut).toEqual({ hidden: 2, links: 0, loops: 0, emptyFolders: 0, special: 1 });
    expect(failures).toEqual([]);
    expect(describeLeftOut({ ...leftOut, links: 2, emptyFolders: 1 })).toBe(
      '2 hidden files or folders, 2 symbolic links, 1 empty folder, 1 device, pipe or socket',
    );
    const { links, emptyFolders } = await listFiles(pool, join(folder, 'root'));
    expect(emptyFolders).toEqual([{ path: ['empty'], diskPath: join(folder, 'root/empty') }]);
    expect(links).toMatchObject([
      { path: ['b', 'up'], linkText: '../a', target: ['a'] },
      { path: ['link'], linkText: join(folder, 'outside'), target: undefined },
    ]);
  });

  test('listFiles() tells which files their owner may execute, and gives names that are not UTF-8 as they are', async () => {
    await make('root/a', 'root/b');
    await chmod(join(folder, 'root/a'), 0o100);
    await chmod(join(folder, 'root/b'), 0o677);
    await writeFile(Buffer.from(`${join(folder, 'root')}/\xff`, 'latin1'), '');
    const { files } = await listFiles(pool, join(folder, 'root'));
    expect(files.map(({ path, exactPath, isExecutable }) => [path, exactPath, isExecutable])).toEqual([
      [['a'], undefined, true],
      [['b'], undefined, false],
      [['%FF'], ['\udcff'], false],
    ]);
  });

  test('listFiles() takes hidden files and folders when asked', async () => {
    await make('root/a', 'root/.hidden', 'root/.git/config');
    const { names, leftOut } = await listed({ hidden: true });
    expect(names).toEqual(['.git/config', '.hidden', 'a']);
    expect(leftOut.hidden).toBe(0);
  });

  test('listFiles() follows links out of the folder and twice to one file when asked, but not into a loop', async () => {
    await make('root/a/file', 'outside/other');
    await symlink('../outside', join(folder, 'root/out'));
    await symlink('a/file', join(folder, 'root/again'));
    await symlink('..', join(folder, 'root/a/up'));
    await symlink(join(folder, 'root'), join(folder, 'outside/round'));
    const { names, leftOut, failures } = await listed({ follow: true });
    expect(names).toEqual(['a/file', 'again', 'out/other']);
    expect(leftOut).toEqual({ hidden: 0, links: 0, loops: 2, emptyFolders: 0, special: 0 });
    expect(failures).toEqual([]);
  });

  test('listFiles() reports a link that leads nowhere and a link to itself, and lists the other files', async () => {
    await make('root/a');
    await symlink('nowhere', join(folder, 'root/dangling'));
    await symlink('itself', join(folder, 'root/itself'));
    const { names, failures } = await listed({ follow: true });
    expect(names).toEqual(['a']);
    expect(new Set(failures.map(({ path }) => path))).toEqual(
      new Set([join(folder, 'root/dangling'), join(folder, 'root/itself')]),
    );
  });

  test('listFiles() refuses a pipe and a device without opening them', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(listFiles(pool, pipe)).rejects.toMatchObject({
      code: 'NO_FILES',
      message: `Cannot read ${pipe}: it is neither a file nor a folder but a named pipe`,
    });
    await expect(listFiles(pool, '/dev/null')).rejects.toMatchObject({ code: 'NO_FILES' });
  });

  test('listFiles() follows a link that is the path it is given', async () => {
    await make('a');
    await symlink('a', join(folder, 'link'));
    const { files } = await listFiles(pool, join(folder, 'link'));
    expect(files).toMatchObject([{ path: [], diskPath: join(folder, 'link'), length: 1 }]);
  });

  test('listFiles() rejects when its signal aborts', async () => {
    await make('root/a');
    await expect(listed({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

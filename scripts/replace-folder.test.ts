import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { repositoryRoot, tempFolder } from '../test/support/index.ts';

interface Module {
  readonly replaceFolder: (folder: string, other: string) => Promise<void>;
}

test('replaceFolder() keeps the files that are the same, replaces others, and removes what is gone', async () => {
  // It runs before anything is compiled, and so is no TypeScript.
  const path = pathToFileURL(join(repositoryRoot, 'scripts/replace-folder.mjs')).href;
  const { replaceFolder } = (await import(path)) as Module;
  await using folder = await tempFolder();
  const [old, built] = [folder.join('dist'), folder.join('.build-1')];
  await mkdir(join(old, 'cli'), { recursive: true });
  await mkdir(join(built, 'cli'), { recursive: true });
  await mkdir(join(built, 'new'));
  for (const [path, text] of [
    ['dist/cli/same.js', 'same'],
    ['dist/cli/other.js', 'old'],
    ['dist/cli/gone.js', 'gone'],
    ['.build-1/cli/same.js', 'same'],
    ['.build-1/cli/other.js', 'new'],
    ['.build-1/new/more.js', 'more'],
  ] as const) {
    await writeFile(folder.join(path), text);
  }
  const { ino } = await stat(join(old, 'cli/same.js'));
  await replaceFolder(old, built);
  expect((await stat(join(old, 'cli/same.js'))).ino).toBe(ino);
  expect(await readFile(join(old, 'cli/other.js'), 'utf8')).toBe('new');
  expect(await readFile(join(old, 'new/more.js'), 'utf8')).toBe('more');
  expect((await readdir(join(old, 'cli'))).toSorted()).toEqual(['other.js', 'same.js']);
  expect(await readdir(folder.path)).toEqual(['dist']);
});

test('npm run build and build:dist remove no folder that programs may run from', async () => {
  const { scripts } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  expect(Object.values(scripts).filter((script) => /\brm -/.test(script))).toEqual([]);
});

import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { requirePeers, smallDisk, tempFolder } from '../../test/support/index.ts';
import { planPart } from './part.ts';
import { recoverReplaced, replaceFolder, requireReplaceableFolder } from './replace-folder.ts';

async function setUp() {
  const folder = await tempFolder();
  const part = planPart(folder.join('out'), false, []);
  const fill = async (path: string, text: string) => {
    await mkdir(path);
    await writeFile(`${path}/file`, text);
  };
  return { folder, part, fill, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe('replaceFolder()', () => {
  test('puts the part in the place of the folder, and leaves nothing else', async () => {
    await using at = await setUp();
    const { folder, part, fill } = at;
    await fill(part.output, 'old');
    await fill(part.path, 'new');
    await writeFile(part.resumePath, '');
    expect(await replaceFolder(part)).toBeUndefined();
    expect(await readdir(folder.path)).toEqual(['out']);
    expect(await readFile(`${part.output}/file`, 'utf8')).toBe('new');
  });

  test('leaves the folder in its place when the part cannot take it', async () => {
    await using at = await setUp();
    const { folder, part, fill } = at;
    await fill(part.output, 'old');
    await expect(replaceFolder(part)).rejects.toMatchObject({ code: 'MISSING' });
    expect(await readdir(folder.path)).toEqual(['out']);
  });
});

describe('recoverReplaced()', () => {
  test('puts the old folder back if nothing has its place', async () => {
    await using at = await setUp();
    const { folder, part, fill } = at;
    await fill(part.oldPath, 'old');
    await fill(part.path, 'new');
    expect(await recoverReplaced(part)).toBeUndefined();
    expect(await readdir(folder.path)).toEqual(['out', 'out.part']);
    expect(await readFile(`${part.output}/file`, 'utf8')).toBe('old');
  });

  test('removes the old folder and the resume data if the part has taken its place', async () => {
    await using at = await setUp();
    const { folder, part, fill } = at;
    await fill(part.oldPath, 'old');
    await fill(part.output, 'new');
    await writeFile(part.resumePath, '');
    expect(await recoverReplaced(part)).toBeUndefined();
    expect(await readdir(folder.path)).toEqual(['out']);
  });

  test('removes nothing if somebody else has made a folder there in between', async () => {
    await using at = await setUp();
    const { part, fill, folder } = at;
    for (const path of [part.oldPath, part.output, part.path]) await fill(path, path);
    expect(await recoverReplaced(part)).toMatchObject({ message: /which an earlier replacement has left/ });
    expect(await readdir(folder.path)).toEqual(['out', 'out.part', 'out.part.old']);
  });
});

describe('requireReplaceableFolder()', () => {
  test.each([
    ['/', /root of all folders/],
    [homedir(), /the (home|current) folder is it, or in it/],
    [process.cwd(), /the current folder is it, or in it/],
  ])('refuses %s', async (path, says) => {
    await expect(requireReplaceableFolder(path, path)).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: says,
    });
  });

  test('refuses a symbolic link', async () => {
    await using at = await setUp();
    await mkdir(at.folder.join('real'));
    await symlink('real', at.part.output);
    await expect(requireReplaceableFolder(at.part.output, at.folder.join('real'))).rejects.toThrow(
      /symbolic link/,
    );
    await expect(
      requireReplaceableFolder(at.folder.join('real'), at.folder.join('real')),
    ).resolves.toBeUndefined();
  });

  test('refuses a mounted disk, and a folder with one in it', async (context) => {
    requirePeers(context, 'tmpfs');
    await using disk = await smallDisk(1024 * 1024);
    await expect(requireReplaceableFolder(disk.path, disk.path)).rejects.toThrow(/a disk is mounted at/);
    const above = disk.join('..');
    await expect(requireReplaceableFolder(above, above)).rejects.toThrow(
      /a disk is mounted at|current folder|home/,
    );
  });
});

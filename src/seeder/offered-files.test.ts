import { mkdir, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { createHashPool } from '../hashing/index.ts';
import { fileVersion } from '../util/index.ts';
import { makeOffer } from './offer.ts';
import { lookAtFile } from './offered-files.ts';

/** Two folders with a file each: `root/sub/file` is offered, `outside/file` is not. */
async function setUp() {
  const folder = await tempFolder();
  const [root, sub, outside] = [folder.join('root'), folder.join('root/sub'), folder.join('outside')];
  for (const path of [root, sub, outside]) await mkdir(path);
  const file = folder.join('root/sub/file');
  await writeFile(file, 'offered');
  await writeFile(folder.join('outside/file'), 'secret');
  const linkFile = async () => {
    await rm(file);
    await symlink(folder.join('outside/file'), file);
  };
  const linkFolder = async () => {
    await rm(sub, { recursive: true });
    await symlink(outside, sub);
  };
  /** The folder's own place. */
  const linkRoot = async () => {
    await rename(root, folder.join('gone'));
    await mkdir(folder.join('outside/sub'));
    await writeFile(folder.join('outside/sub/file'), 'secret');
    await symlink(outside, root);
  };
  return {
    folder,
    file,
    realPath: await realpath(file),
    linkRoot,
    linkFile,
    linkFolder,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test.each(['linkFile', 'linkFolder', 'linkRoot'] as const)(
  'lookAtFile() finds no file at a real path after %s',
  async (link) => {
    await using places = await setUp();
    const { file, realPath } = places;
    const versionOf = async () => fileVersion(await stat(file, { bigint: true }));
    expect(await lookAtFile(file, realPath)).toBe(await versionOf());
    await places[link]();
    expect(await lookAtFile(file, realPath)).toBeUndefined();
    // Without a real path, as with `--follow`, the link is followed.
    expect(await lookAtFile(file)).toBe(await versionOf());
  },
);

test('lookAtFile() finds a file through a link that led to it when it was offered', async () => {
  await using places = await setUp();
  await symlink('root', places.folder.join('link'));
  expect(await lookAtFile(places.folder.join('link/sub/file'), places.realPath)).toBeDefined();
});

test('lookAtFile() finds no file where a link has since taken its place, even if it leads to that file', async () => {
  await using places = await setUp();
  const { file, realPath, folder } = places;
  await rename(file, folder.join('moved'));
  await symlink(folder.join('moved'), file);
  expect(await lookAtFile(file, realPath)).toBeUndefined();
});

test.each(['linkFile', 'linkFolder', 'linkRoot'] as const)(
  'makeOffer() refuses a file when %s came before the offer is made',
  async (link) => {
    await using places = await setUp();
    await using pool = createHashPool({ threads: 1 });
    const { file: path, realPath } = places;
    const source = { kind: 'file', path, realPath, version: 'v1' } as const;
    expect(await makeOffer(pool, source, {})).toMatchObject({ files: [{ path, realPath }] });
    await places[link]();
    await expect(makeOffer(pool, source, {})).rejects.toMatchObject({ path });
    const { realPath: _, ...followed } = source;
    expect(await makeOffer(pool, followed, {})).toMatchObject({ metainfo: { length: 6 } });
  },
);

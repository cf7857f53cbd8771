import { mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
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
  return {
    folder,
    root,
    file,
    linkFile,
    linkFolder,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test.each(['linkFile', 'linkFolder'] as const)(
  'lookAtFile() finds no file below a root after %s',
  async (link) => {
    await using places = await setUp();
    const { file, root } = places;
    const versionOf = async () => fileVersion(await stat(file, { bigint: true }));
    expect(await lookAtFile(file, root)).toBe(await versionOf());
    await places[link]();
    expect(await lookAtFile(file, root)).toBeUndefined();
    // As with `--follow`, and for a file that the user named.
    expect(await lookAtFile(file)).toBe(await versionOf());
  },
);

test('lookAtFile() takes a root that is a link itself', async () => {
  await using places = await setUp();
  const root = places.folder.join('link');
  await symlink(places.root, root);
  expect(await lookAtFile(places.folder.join('link/sub/file'), root)).toBeDefined();
});

test('lookAtFile() finds no file where a link leads to the very file that was offered', async () => {
  await using places = await setUp();
  const { file, root, folder } = places;
  await rename(file, folder.join('moved'));
  await symlink(folder.join('moved'), file);
  expect(await lookAtFile(file, root)).toBeUndefined();
});

test.each(['linkFile', 'linkFolder'] as const)(
  'makeOffer() refuses a file below a root when %s came before the offer is made',
  async (link) => {
    await using places = await setUp();
    await using pool = createHashPool({ threads: 1 });
    const source = { kind: 'file', path: places.file, below: places.root, version: 'v1' } as const;
    expect(await makeOffer(pool, source, {})).toMatchObject({
      files: [{ path: places.file, below: places.root }],
    });
    await places[link]();
    await expect(makeOffer(pool, source, {})).rejects.toMatchObject({ code: 'DISK', path: places.file });
    const { below: _, ...followed } = source;
    expect(await makeOffer(pool, followed, {})).toMatchObject({ metainfo: { length: 6 } });
  },
);

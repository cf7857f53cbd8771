import { chmod, lstat, mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { manyFilesHere, realPathOf } from '../files/index.ts';
import { lookAtEntries } from './look-at-entries.ts';
import { settleEntries } from './settle-entries.ts';
import { storeEntries } from './stored-entries.ts';
import { listStrangers, removeStrangers } from './strangers.ts';

const MODES = { modes: true, many: manyFilesHere };

const ENTRIES = {
  files: [
    { path: ['bin', 'run'], offset: 0, length: 3, isExecutable: true },
    { path: ['text'], offset: 3, length: 3 },
  ],
  links: [{ path: ['sub', 'link'], target: '../text' }],
  emptyFolders: [{ path: ['none', 'at', 'all'] }],
};

async function setUp() {
  const folder = await tempFolder();
  const root = folder.join('root');
  const entries = storeEntries(ENTRIES, root, false, `${await realPathOf(folder.path)}/root`);
  await mkdir(`${root}/bin`, { recursive: true });
  await writeFile(`${root}/bin/run`, 'run');
  await writeFile(`${root}/text`, 'txt');
  return { folder, root, entries, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe('settleEntries()', () => {
  test('makes empty folders, modes and links, and a second call changes nothing', async () => {
    await using at = await setUp();
    const { root, entries } = at;
    await chmod(`${root}/bin/run`, 0o640);
    await chmod(`${root}/text`, 0o755);
    for (let times = 0; times < 2; times += 1) {
      expect(await settleEntries(entries, root, MODES)).toEqual([]);
      expect(await lookAtEntries(entries, root, MODES)).toEqual([]);
    }
    expect((await lstat(`${root}/bin/run`)).mode & 0o777).toBe(0o750);
    expect((await lstat(`${root}/text`)).mode & 0o777).toBe(0o644);
    expect(await readlink(`${root}/sub/link`)).toBe('../text');
  });

  test('replaces a link with another text, and writes through no link that took the place of a folder', async () => {
    await using at = await setUp();
    const { root, entries, folder } = at;
    await mkdir(folder.join('outside'));
    await mkdir(`${root}/sub`);
    await symlink('/etc', `${root}/sub/link`);
    await settleEntries(entries, root, MODES);
    expect(await readlink(`${root}/sub/link`)).toBe('../text');

    await using other = await setUp();
    await symlink(folder.join('outside'), `${other.root}/sub`);
    await expect(settleEntries(other.entries, other.root, MODES)).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
    });
    expect(await readdir(folder.join('outside'))).toEqual([]);
  });

  test('finds out that a folder above the root is not the one that was planned', async () => {
    await using at = await setUp();
    const { root, folder } = at;
    const moved = storeEntries(ENTRIES, root, false, folder.join('elsewhere'));
    await mkdir(folder.join('elsewhere/sub'), { recursive: true });
    await symlink(folder.join('root'), folder.join('elsewhere/bin'));
    await expect(settleEntries(moved, root, MODES)).rejects.toMatchObject({ name: 'StorageError' });
  });
});

describe('lookAtEntries()', () => {
  test('tells each fault of each entry, and follows no link', async () => {
    await using at = await setUp();
    const { root, entries, folder } = at;
    await settleEntries(entries, root, MODES);
    await writeFile(`${root}/text`, 'longer');
    await chmod(`${root}/text`, 0o755);
    expect(await lookAtEntries(entries, root, MODES)).toMatchObject([
      { of: 'files', index: 1, fault: 'size' },
      { of: 'files', index: 1, fault: 'mode' },
    ]);
    const elsewhere = storeEntries(ENTRIES, folder.join('other'), false);
    await mkdir(folder.join('other'));
    await symlink(`${root}/bin`, folder.join('other/bin'));
    await mkdir(folder.join('other/text'));
    await symlink('elsewhere', folder.join('other/none'));
    await mkdir(folder.join('other/sub'));
    await symlink('text', folder.join('other/sub/link'));
    const found = await lookAtEntries(elsewhere, folder.join('other'), MODES);
    expect(found.map(({ of, fault, path }) => [of, fault, path.slice(folder.join('other/').length)])).toEqual(
      [
        ['folder', 'kind', 'bin'],
        ['folder', 'kind', 'none'],
        ['files', 'mode', 'bin/run'],
        ['files', 'kind', 'text'],
        ['links', 'target', 'sub/link'],
        ['emptyFolders', 'missing', 'none/at/all'],
      ].filter(([, fault]) => fault !== 'mode'),
    );
  });
});

describe('listStrangers()', () => {
  test('lists what is not of the torrent, and removeStrangers() removes it without following links', async () => {
    await using at = await setUp();
    const { root, entries, folder } = at;
    await settleEntries(entries, root, MODES);
    expect(await listStrangers(entries, root, 10)).toEqual([]);
    await mkdir(`${root}/mine/deep`, { recursive: true });
    await writeFile(`${root}/mine/a`, '');
    await writeFile(`${root}/none/at/all/b`, '');
    await mkdir(folder.join('outside'));
    await writeFile(folder.join('outside/kept'), '');
    await symlink(folder.join('outside'), `${root}/bin/out`);
    const found = await listStrangers(entries, root, 10);
    expect(found.map((path) => path.slice(root.length)).sort()).toEqual([
      '/bin/out',
      '/mine/a',
      '/mine/deep',
      '/none/at/all/b',
    ]);
    expect(await listStrangers(entries, root, 2)).toHaveLength(2);
    await removeStrangers(entries, root);
    expect(await listStrangers(entries, root, 10)).toEqual([]);
    expect(await lookAtEntries(entries, root, MODES)).toEqual([]);
    expect(await readdir(folder.join('outside'))).toEqual(['kept']);
  });
});

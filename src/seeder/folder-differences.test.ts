import { expect, test } from 'vitest';
import { type FolderTree, folderDifferences } from './folder-differences.ts';

/** A folder on disk in which these paths are files, and these empty folders. */
function onDisk(files: readonly string[], emptyFolders: readonly string[]): FolderTree {
  const entry = (path: string) => ({ path: path.split('/'), diskPath: `root/${path}` });
  return {
    files: files.map((path) => ({ ...entry(path), length: 1, isExecutable: false })),
    links: [],
    emptyFolders: emptyFolders.map(entry),
  };
}

/** A folder that is offered with these files and empty folders. */
function offered(files: readonly string[], emptyFolders: readonly string[]) {
  const tree = onDisk(files, emptyFolders);
  return {
    files: tree.files.map(({ path }) => ({ path, length: 1, offset: 0 })),
    symlinks: [],
    emptyFolders: tree.emptyFolders,
  };
}

test('folderDifferences() tells of a file in a folder that was empty, and of the last file of a folder, once', () => {
  const differences = (...[files, empty]: Parameters<typeof onDisk>) =>
    folderDifferences(offered(['a/b/c', 'f'], ['d']), onDisk(files, empty), () => false);
  expect(differences(['a/b/c', 'f'], ['d'])).toEqual([]);
  expect(differences(['a/b/c', 'f', 'd/e/new'], [])).toEqual(['"d/e/new" was added']);
  expect(differences(['f'], ['d', 'a/b'])).toEqual(['"a/b/c" was removed']);
  expect(differences(['a/b/c', 'f'], [])).toEqual(['"d" was removed']);
});

test('folderDifferences() does not tell of what was left out', () => {
  const isLeftOut = (path: string) => path === 'root/closed';
  expect(folderDifferences(offered(['a'], []), onDisk(['a', 'closed'], []), isLeftOut)).toEqual([]);
});

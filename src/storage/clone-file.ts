import { constants, copyFile, type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isOpenAt, makeFolder, makeFolderBelow } from '../files/index.ts';
import { fsPath } from '../util/index.ts';
import type { StoredFile } from './file-storage.ts';
import { requireAt } from './open-files.ts';
import type { Part } from './part.ts';
import { requireFolderAt } from './preallocation.ts';
import { StorageError } from './storage-error.ts';

/**
 * The bits of a file's mode that a clone gets for a moment: the owner may read and write it, and it is not set-user-ID. Only
 * files with these are cloned, so that a part can be written even when the process is killed at that moment.
 */
const MODE_MASK = 0o7600;
const MODE_OF_CLONED = 0o600;

/** The result of {@link cloneFile}. `unsupported` is the same for all files on the two disks. */
export type CloneResult = 'cloned' | 'unfit' | 'unsupported';

/**
 * Makes a file of a part as a clone of another file: both share their blocks on the disk until one of them is written. It
 * takes no time and no room. The other file is opened for reading only. A clone holds what the file held at that moment, and
 * may have another length.
 *
 * Only Linux has this here, on file systems such as Btrfs and XFS. Both files are named by their descriptors, so that nothing
 * that takes the place of one of them can be opened or written.
 *
 * @param file the file of the part, which must not be there yet
 * @param source the path without links of the other file
 * @returns `unfit` when this file cannot be cloned, for example because only another user may read it
 * @throws {StorageError} when the file of the part cannot be made
 */
export async function cloneFile(part: Part, file: StoredFile, source: string): Promise<CloneResult> {
  if (process.platform !== 'linux') return 'unsupported';
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  const opened = await open(fsPath(source), flags).catch(() => undefined);
  if (opened === undefined) return 'unfit';
  try {
    return (await isFit(opened, source)) ? await cloneInto(part, file, opened) : 'unfit';
  } finally {
    await opened.close();
  }
}

async function isFit(source: FileHandle, path: string): Promise<boolean> {
  const stats = await source.stat({ bigint: true });
  const mode = Number(stats.mode);
  return stats.isFile() && (mode & MODE_MASK) === MODE_OF_CLONED && isOpenAt(source.fd, path);
}

async function cloneInto(part: Part, file: StoredFile, source: FileHandle): Promise<CloneResult> {
  const { path, realPath } = file;
  try {
    await makeFolderOf(part, path);
    if (realPath !== undefined) await requireFolderAt(path, realPath);
    const made = await open(fsPath(path), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
    try {
      if (realPath !== undefined) await requireAt(made, { path, realPath }, 'write');
      const { mode } = await made.stat();
      const isCloned = await tryToClone(source.fd, made.fd);
      await made.chmod(mode & 0o7777);
      if (isCloned) return 'cloned';
    } finally {
      await made.close();
    }
    await rm(fsPath(path));
    return 'unsupported';
  } catch (thrown) {
    throw StorageError.from(thrown, 'write', path);
  }
}

async function makeFolderOf(part: Part, path: string): Promise<void> {
  await makeFolder(dirname(part.path));
  if (!part.isFile) await makeFolderBelow(part.path, dirname(path));
}

async function tryToClone(from: number, to: number): Promise<boolean> {
  try {
    await copyFile(`/proc/self/fd/${from}`, `/proc/self/fd/${to}`, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    // The reason does not matter: the bytes are copied instead, and that tells of a disk that fails.
    return false;
  }
}

import { lstat, mkdir, open, rename, rm, statfs, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StoredFile } from './file-storage.ts';
import type { Placement } from './layout.ts';
import { StorageError } from './storage-error.ts';

/** What an unfinished download is called: this behind its output name. */
export const PART_SUFFIX = '.part';

/** Where an unfinished download lies: a file `output.part`, or a folder of that name for a torrent of several files. */
export interface Part {
  /** The name it gets when it is whole. */
  readonly output: string;
  /** The file or folder that holds it until then. */
  readonly path: string;
  readonly files: readonly StoredFile[];
}

/**
 * Says where the files of a torrent go.
 *
 * @param output the file to make, or the folder when the torrent has several files
 * @param files with their paths below the folder, each part of a path checked to be a plain file name
 */
export function planPart(
  output: string,
  isSingleFile: boolean,
  files: readonly (Placement & { readonly path: readonly string[] })[],
): Part {
  const path = output + PART_SUFFIX;
  const place = (file: { readonly path: readonly string[] }) =>
    isSingleFile ? path : join(path, ...file.path);
  return {
    output,
    path,
    files: files.map((file) => ({ offset: file.offset, length: file.length, path: place(file) })),
  };
}

/** What {@link preparePart} found. */
export interface PreparedPart {
  /** Whether anything of it was there before and may hold pieces worth checking. */
  readonly existed: boolean;
}

/**
 * Makes the folders and files of a part, each at its full length, sparse, and checks first that the disk has room.
 * A file that is there already keeps its bytes.
 *
 * @throws {StorageError} DISK_FULL, NOT_WRITABLE, …
 */
export async function preparePart(part: Part): Promise<PreparedPart> {
  const parent = dirname(part.path);
  await attempt('make folder', parent, () => mkdir(parent, { recursive: true }));
  const lengths = await Promise.all(part.files.map((file) => allocatedLength(file.path)));
  const allocated = lengths.reduce<number>((sum, length) => sum + (length ?? 0), 0);
  const total = part.files.reduce((sum, file) => sum + file.length, 0);
  await requireSpace(parent, total - allocated);
  for (const file of part.files) {
    await attempt('make folder', dirname(file.path), () => mkdir(dirname(file.path), { recursive: true }));
    await attempt('make', file.path, () => makeFile(file.path, file.length));
  }
  return { existed: lengths.some((length) => length !== undefined) };
}

/**
 * Gives a whole part its output name, in one step, and makes the name survive a power cut. The bytes were synced before.
 * A file of that name is replaced; a folder is not, unless it is empty.
 *
 * @throws {StorageError} the part is still there then
 */
export async function deliverPart(part: Part): Promise<void> {
  await attempt('rename the finished download to', part.output, () => rename(part.path, part.output));
  await attempt('flush folder', dirname(part.output), () => syncFolder(dirname(part.output)));
}

/** Throws a part away. Nothing there is fine. @throws {StorageError} */
export async function discardPart(part: Part): Promise<void> {
  await attempt('remove', part.path, () => rm(part.path, { recursive: true, force: true }));
}

async function makeFile(path: string, length: number): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) {
    throw new StorageError(
      'NOT_WRITABLE',
      path,
      `Cannot write ${path}: something that is no regular file has that name`,
    );
  }
  if (found === undefined) await (await open(path, 'wx')).close();
  if (found?.size !== length) await truncate(path, length);
}

/** Bytes of disk a file takes already; `undefined` when there is none. */
async function allocatedLength(path: string): Promise<number | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found && found.blocks * 512;
}

async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await attempt('look at', folder, () => statfs(folder));
  const free = bavail * bsize;
  if (bytes > free) {
    throw new StorageError(
      'DISK_FULL',
      folder,
      `Cannot download to ${folder}: ${bytes} bytes needed, ${free} free`,
    );
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders; there the rename itself is journalled.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function attempt<T>(action: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw StorageError.from(thrown, action, path);
  }
}

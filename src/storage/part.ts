import { createHash } from 'node:crypto';
import { lstat, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  type ManyFiles,
  makeFolder,
  makeFolderBelow,
  manyFilesHere,
  renameToFree,
  requireReplaceable,
  syncFolder,
} from '../files/index.ts';
import { MAX_NAME_BYTES } from '../metainfo/index.ts';
import { formatSize, fsPath } from '../util/index.ts';
import type { FoundFile } from './file-state.ts';
import type { StoredFile } from './file-storage.ts';
import { inParallel } from './in-parallel.ts';
import { keepModeOf } from './keep-mode.ts';
import { allocateFile, makeFiles, type Preallocation } from './preallocation.ts';
import { removeResumeFile } from './resume-file.ts';
import { attemptAt, StorageError } from './storage-error.ts';
import { type PlacedEntries, type StoredEntries, storeEntries } from './stored-entries.ts';
import { removeStrangers } from './strangers.ts';

/** The suffix of the output name for an unfinished download. */
export const PART_SUFFIX = '.part';
/**
 * The suffixes of the name of a part for its resume data and its lock. All that is made beside a part lies beside its folder,
 * never in it.
 */
const RESUME_SUFFIX = '.resume';
const LOCK_SUFFIX = '.lock';
/** The suffix of the name of a part for the folder that it replaces, while it does. */
const OLD_SUFFIX = '.old';
/** The suffix of the name of a part for the files that the repair of an output makes anew. */
const REPAIR_SUFFIX = '.repair';
/** The bytes of a name that are kept free for suffixes. */
const SUFFIX_BYTES = 24;

/** The place of an unfinished download: a file `output.part`, or a folder of that name for a torrent of several files. */
export interface Part extends StoredEntries {
  /** The path that it gets when it is whole. */
  readonly output: string;
  /** The file or folder that holds it until then. */
  readonly path: string;
  /** The file with its resume data: `output.part.resume`. */
  readonly resumePath: string;
  /** The lock file, which names the writer: `output.part.lock`. */
  readonly lockPath: string;
  /** The name of the folder that the part replaces, while it does: `output.part.old`. */
  readonly oldPath: string;
  /** The name of the files that a repair of the output makes anew, until they are whole: `output.part.repair`. */
  readonly repairPath: string;
  /** Whether the part is a file, not a folder. */
  readonly isFile: boolean;
}

/**
 * Plans where the files of a torrent go.
 *
 * @param output the file to make, or the folder when the torrent has several files. If its name is too long for a suffix,
 * the part is named by a prefix of it and its hash
 * @param realFolder the path without links of the output's folder, outside of which nothing is written; `undefined` to
 * follow links
 * @param files the files with their paths below the folder; each name of a path must be checked to be a plain file name
 * @param others the links and empty folders of the torrent, whose names must be checked, too
 */
export function planPart(
  output: string,
  isSingleFile: boolean,
  files: PlacedEntries['files'],
  realFolder?: string,
  others: Omit<PlacedEntries, 'files'> = {},
): Part {
  const path = join(dirname(output), stemOf(basename(output)) + PART_SUFFIX);
  return {
    output,
    path,
    resumePath: path + RESUME_SUFFIX,
    lockPath: path + LOCK_SUFFIX,
    oldPath: path + OLD_SUFFIX,
    repairPath: path + REPAIR_SUFFIX,
    isFile: isSingleFile,
    ...storeEntries({ ...others, files }, path, isSingleFile, realFolder && join(realFolder, basename(path))),
  };
}

/** The options of {@link preparePart}. */
export interface PrepareOptions {
  readonly preallocation: Preallocation;
  /** Makes files; by default this thread does. */
  readonly many?: ManyFiles;
  readonly signal?: AbortSignal;
  /** Called while space is taken, with the number of bytes of the part that have space. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Makes the folders and files of a part, after it has checked that the disk has room. A file that is there already keeps
 * its bytes. Anything else in the folder of the part that is not of the torrent is removed, because it would be delivered
 * with the rest. If this fails and there was no part before, it leaves none.
 *
 * @param found the files that are there, from {@link readPartState}
 * @throws {StorageError} such as DISK_FULL or NOT_WRITABLE; and the signal's reason
 */
export async function preparePart(
  part: Part,
  found: readonly (FoundFile | undefined)[],
  { preallocation, many = manyFilesHere, signal, onProgress }: PrepareOptions,
): Promise<void> {
  requireApart(part, found);
  const allocated = found.reduce((sum, file) => sum + (file?.allocated ?? 0), 0);
  const total = part.files.reduce((sum, file) => sum + file.length, 0);
  let taken = 0;
  const onTaken = (bytes: number) => {
    signal?.throwIfAborted();
    taken += bytes;
    if (preallocation === 'full') onProgress?.(taken);
  };
  const folder = dirname(part.path);
  await attemptAt('make folder', folder, () => makeFolder(folder));
  await requireSpace(dirname(part.path), total - allocated);
  const wasThere = (await lstat(fsPath(part.path)).catch(() => undefined)) !== undefined;
  try {
    const folders = new Set(part.files.map((file) => dirname(file.path)));
    if (!part.isFile) {
      if (wasThere) await attemptAt('tidy up', part.path, () => removeStrangers(part, part.path));
      const known = new Set<string>();
      const make = (path: string) =>
        attemptAt('make folder', path, () => makeFolderBelow(part.path, path, known));
      await inParallel(folders, make, signal);
    }
    const makeFile = async ([index, file]: [number, StoredFile]) => {
      await attemptAt('make', file.path, () => allocateFile(file, found[index], preallocation, onTaken));
    };
    // The files are made one after the other, so that each gets its space in one place.
    if (preallocation === 'full') for (const entry of part.files.entries()) await makeFile(entry);
    else {
      await inParallel(
        [...part.files.entries()].filter(([index]) => found[index] !== undefined),
        makeFile,
        signal,
      );
      await makeFiles(
        part.files.filter((_, index) => found[index] === undefined),
        preallocation,
        many,
        signal,
      );
    }
  } catch (thrown) {
    if (!wasThere) await discardPart(part);
    signal?.throwIfAborted();
    throw thrown;
  }
}

/**
 * Gives a whole part its output name, in one step, and makes the name survive a power cut. The caller has synced the bytes
 * before. A folder may replace an empty folder of that name, whose mode it takes, and a file may replace a regular file if that is allowed.
 * Anything else that has the name stays, and is an error.
 *
 * @throws {StorageError} when it fails; the part is still there then
 */
export async function deliverPart(
  part: Part,
  { mayReplace }: { readonly mayReplace: boolean },
): Promise<void> {
  const action = 'rename the finished download to';
  await attemptAt(action, part.output, () => requireReplaceable(action, part.output));
  // The resume data is removed before the renaming, because nobody would look for it afterwards.
  await removeResumeFile(part.resumePath);
  const move = part.isFile && !mayReplace ? renameToFree : rename;
  await attemptAt(action, part.output, async () => {
    if (!part.isFile) await keepModeOf(part.output, part.path);
    await move(part.path, part.output);
  });
  await attemptAt('flush folder', dirname(part.output), () => syncFolder(dirname(part.output)));
}

/** Removes a part that is a second name of the output. A process that is killed while it delivers leaves one. */
export async function finishDelivery(part: Part): Promise<void> {
  const [found, output] = await Promise.all(
    [part.path, part.output].map((path) => lstat(path, { bigint: true }).catch(() => undefined)),
  );
  if (found?.isFile() !== true || found.ino !== output?.ino || found.dev !== output.dev) return;
  await discardPart(part);
}

/** Removes a part and its resume data. It is no error if there is none. @throws {StorageError} */
export async function discardPart(part: Part): Promise<void> {
  await removeResumeFile(part.resumePath);
  await attemptAt('remove', part.path, () => rm(fsPath(part.path), { recursive: true, force: true }));
}

function stemOf(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES - SUFFIX_BYTES) return name;
  const hash = `~${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
  let stem = '';
  for (const character of name) {
    if (Buffer.byteLength(stem + character + hash) > MAX_NAME_BYTES - SUFFIX_BYTES) break;
    stem += character;
  }
  return stem + hash;
}

/**
 * Refuses a part in which two files of the torrent are one file on the disk, because each would overwrite the other. A disk
 * that ignores letter case or Unicode normalization can do that.
 */
function requireApart({ files }: Part, found: readonly (FoundFile | undefined)[]): void {
  const paths = new Map<string, string>();
  for (const [index, file] of found.entries()) {
    // Empty files on Windows, and files on some network disks, have no inode number.
    if (file === undefined || file.id.endsWith(':0')) continue;
    const { path } = files[index]!;
    const other = paths.get(file.id);
    if (other !== undefined) {
      const reason = `on this disk it is the same file as ${other}, which is another file of the torrent`;
      throw new StorageError('NOT_WRITABLE', path, { action: 'write', reason });
    }
    paths.set(file.id, path);
  }
}

/** Checks that a disk has room for some more bytes. @throws {StorageError} DISK_FULL */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await attemptAt('look at', folder, () => statfs(fsPath(folder)));
  const free = bavail * bsize;
  if (bytes > free) {
    const reason = `the disk is too full: ${formatSize(bytes)} needed, ${formatSize(free)} free`;
    throw new StorageError('DISK_FULL', folder, { action: 'download to', reason });
  }
}

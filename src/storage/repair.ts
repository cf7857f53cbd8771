import { chmod, constants, copyFile, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import {
  FileKindError,
  inRealFolder,
  lookAtName,
  type ManyFiles,
  makeFolderBelow,
  realPathOfNew,
  syncFolder,
} from '../files/index.ts';
import { fsPath } from '../util/index.ts';
import { checkPartFiles, checkPartNames } from './check-part.ts';
import { lookAt } from './file-state.ts';
import type { StoredFile } from './file-storage.ts';
import { inParallel } from './in-parallel.ts';
import { mountPoints } from './mount-points.ts';
import { ledElsewhere } from './open-files.ts';
import { type Part, requireSpace } from './part.ts';
import { ownersOf } from './part-lock.ts';
import { allocateFile } from './preallocation.ts';
import { removeTree } from './remove-tree.ts';
import { attemptAt, StorageError } from './storage-error.ts';
import type { StoredEntries } from './stored-entries.ts';

/** The suffix of `part.repairPath` for a copy that is not whole yet. No name of a torrent gets in its way there. */
const COPY_SUFFIX = '~';
/** The bits of a mode that say who may do what, and those that a copy needs even if the original is read-only. */
const ALL_MODES = 0o777;
const OWNER_READS_AND_WRITES = 0o600;

/** The files of an output that is mended, and where the bytes of each are written. */
export interface Repair {
  readonly part: Part;
  /** The files in the order of the torrent: at their places in the output, or beside it if they are made anew. */
  readonly files: readonly StoredFile[];
  /** The indices of the files that are right, which are not written. */
  readonly whole: ReadonlySet<number>;
  /** The indices of the files that are made anew beside the output, and take their places when they are whole. */
  readonly anew: ReadonlySet<number>;
}

/**
 * Prepares the files of an output that are wrong for new bytes. A file is mended in place, so that it takes no space. It is
 * made anew beside the output if it is missing, if it has a second name, which would change with it, if this user must not
 * write to it, or if it is a program that runs. A copy of what is there is the beginning then.
 *
 * No file of the output is changed by this, except that a long file is cut, and a short one gets its length.
 *
 * @param delivered the entries at their places in the output
 * @param beside the entries at their places beside the output, below `part.repairPath`
 * @param content the indices of the files that are missing or have other bytes
 * @param modes the indices of the files with another mode, which are made anew only if that cannot be set in place
 * @throws {StorageError} and the signal's reason
 */
export async function prepareRepair(
  part: Part,
  delivered: StoredEntries,
  beside: StoredEntries,
  { content, modes }: { readonly content: ReadonlySet<number>; readonly modes: ReadonlySet<number> },
  many: ManyFiles,
  signal: AbortSignal,
): Promise<Repair> {
  const owners = await ownersOf(part.lockPath);
  const anew = new Set<number>();
  const choose = async (index: number) => {
    if (!(await isWritable(delivered.files[index]!.path, owners))) anew.add(index);
  };
  await inParallel(new Set([...content, ...modes]), choose, signal);
  const wrong = new Set([...content, ...anew]);
  await requireOneDisk(
    part,
    [...anew].map((index) => delivered.files[index]!),
  );
  const filesAnew = [...anew].map((index) => beside.files[index]!);
  const repaired = { ...part, path: part.repairPath, files: filesAnew, links: [], emptyFolders: [] };
  await checkPartNames(repaired);
  await checkPartFiles(repaired, owners);
  const left = await lookAt(
    filesAnew.map(({ path }) => path),
    many,
    signal,
  );
  const needed = filesAnew.reduce((sum, { length }, at) => sum + length - (left[at]?.allocated ?? 0), 0);
  await requireSpace(dirname(part.output), needed);
  const files = delivered.files.map((file, index) => (anew.has(index) ? beside.files[index]! : file));
  for (const index of wrong) {
    signal.throwIfAborted();
    const file = files[index]!;
    await attemptAt('make', file.path, async () => {
      if (anew.has(index)) {
        if (!part.isFile) await makeFolderBelow(part.repairPath, dirname(file.path));
        await beginAnew(part, delivered.files[index]!, file);
      }
      const [found] = await lookAt([file.path], many);
      await allocateFile(file, found, 'sparse', () => {});
    });
  }
  const whole = new Set([...files.keys()].filter((index) => !wrong.has(index)));
  return { part, files, whole, anew };
}

/**
 * Puts the files that were made anew in their places, each in one step. The caller has synced and checked them.
 *
 * @param delivered the entries at their places in the output
 * @throws {StorageError} and the signal's reason; a later repair goes on then
 */
export async function finishRepair(
  { part, files, anew }: Repair,
  delivered: StoredEntries,
  signal: AbortSignal,
): Promise<void> {
  const folders = new Set<string>();
  for (const index of anew) {
    signal.throwIfAborted();
    const from = files[index]!.path;
    const { path, realPath } = delivered.files[index]!;
    await attemptAt('put a whole file at', path, async () => {
      if (!part.isFile) await makeFolderBelow(part.output, dirname(path));
      const kind = await lookAtName(path);
      if (kind !== undefined && kind !== 'file') throw new FileKindError('write to', path, kind);
      const folder = dirname(realPath ?? path);
      const put = (at: string) => rename(fsPath(from), fsPath(join(at, basename(path)))).then(() => true);
      if ((await inRealFolder(folder, put)) !== true) throw ledElsewhere(path, 'write');
    });
    folders.add(dirname(path));
  }
  await inParallel(folders, (folder) => attemptAt('flush folder', folder, () => syncFolder(folder)));
}

/** Removes what a repair has left beside the output. @throws {StorageError} */
export async function discardRepair({ repairPath }: Part): Promise<void> {
  for (const path of [repairPath + COPY_SUFFIX, repairPath]) {
    await attemptAt('remove', path, () => removeTree(path));
  }
}

/** Tells whether a repair has left files beside the output. */
export async function hasRepair({ repairPath }: Part): Promise<boolean> {
  return (await lookAtName(repairPath)) !== undefined;
}

/** Tells whether a file can be written in place without a change to anything else. */
async function isWritable(path: string, owners: ReadonlySet<number>): Promise<boolean> {
  const stats = await lstat(fsPath(path)).catch(() => undefined);
  if (stats?.isFile() !== true || stats.nlink > 1 || !owners.has(stats.uid)) return false;
  // Only opening it tells that it is a program that runs.
  const file = await open(fsPath(path), constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  await file?.close();
  return file !== undefined;
}

/** Refuses files to make anew that lie on another disk than the folder beside the output. @throws {StorageError} */
async function requireOneDisk({ output }: Part, files: readonly StoredFile[]): Promise<void> {
  if (files.length === 0) return;
  const real = await attemptAt('look at', output, () => realPathOfNew(output));
  const mounted = (await mountPoints()).filter((at) => at === real || at.startsWith(real + sep));
  for (const { path } of files) {
    const at = mounted.find((mount) =>
      `${join(real, path.slice(output.length))}${sep}`.startsWith(mount + sep),
    );
    if (at === undefined) continue;
    const reason = `it must be made anew beside ${output}, and a disk is mounted at ${at}; get the folder elsewhere, and copy it there`;
    throw new StorageError('NOT_WRITABLE', path, { action: 'repair', reason });
  }
}

/** Begins to make a file anew with a copy of what is at its place, unless an earlier repair has begun. */
async function beginAnew({ repairPath }: Part, from: StoredFile, to: StoredFile): Promise<void> {
  const kinds = await Promise.all([from.path, to.path].map(lookAtName));
  if (kinds[0] !== 'file' || kinds[1] !== undefined) return;
  const copy = fsPath(repairPath + COPY_SUFFIX);
  await rm(copy, { force: true });
  // A copy that was cut off by the end of the process never gets the name. Nothing is written through a link at its place.
  await copyFile(fsPath(from.path), copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  const { mode } = await lstat(copy);
  await chmod(copy, (mode & ALL_MODES) | OWNER_READS_AND_WRITES);
  await rename(copy, fsPath(to.path));
}

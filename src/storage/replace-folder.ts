import { rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, sep } from 'node:path';
import { lookAtName, realPathOf, syncFolder } from '../files/index.ts';
import { fsPath } from '../util/index.ts';
import { keepModeOf } from './keep-mode.ts';
import { mountPoints } from './mount-points.ts';
import type { Part } from './part.ts';
import { removeTree } from './remove-tree.ts';
import { removeResumeFile } from './resume-file.ts';
import { attemptAt, StorageError } from './storage-error.ts';

const ACTION = 'replace the folder';

/**
 * Refuses to replace a folder as a whole where that could lose more than the folder: a symbolic link, a mounted disk, the root,
 * the home folder, the current folder, and any folder above the last two.
 *
 * @param given the path as the user gave it
 * @param path the path of the folder, with no link at its end
 * @throws {StorageError} NOT_WRITABLE
 */
export async function requireReplaceableFolder(given: string, path: string): Promise<void> {
  const refuse = (reason: string) => new StorageError('NOT_WRITABLE', given, { action: ACTION, reason });
  if ((await lookAtName(given)) === 'symbolic link') {
    throw refuse(`it is a symbolic link; name the folder that it leads to, ${path}, to replace that one`);
  }
  const real = await attemptAt(ACTION, path, () => realPathOf(path));
  if (dirname(real) === real) throw refuse('it is the root of all folders');
  const holds = (inside: string) => inside === real || inside.startsWith(real + sep);
  const known = [
    ['the current folder is', process.cwd()],
    ['the home folder is', homedir()],
  ] as const;
  for (const [what, at] of known) {
    if (holds(await realPathOf(at).catch(() => at))) throw refuse(`${what} it, or in it`);
  }
  await requireNoMount(given, real);
}

/** Refuses a folder that is a mounted disk, or has one in it, whose files would be removed with it. @throws {StorageError} */
async function requireNoMount(given: string, real: string): Promise<void> {
  const [own, above] = await attemptAt(ACTION, given, () =>
    Promise.all([stat(fsPath(real)), stat(fsPath(dirname(real)))]),
  );
  const mounted =
    own.dev === above.dev
      ? (await mountPoints()).find((at) => at === real || at.startsWith(real + sep))
      : real;
  if (mounted === undefined) return;
  const reason = `a disk is mounted at ${mounted}`;
  throw new StorageError('NOT_WRITABLE', given, { action: ACTION, reason });
}

/**
 * Gives a whole part the name and the mode of a folder that is there, in two renames: the old folder goes aside, and the part takes its
 * name. Then the old folder is removed. If this process is killed between the two, {@link recoverReplaced} puts the old one
 * back.
 *
 * @returns an error if the old folder could not be removed from `part.oldPath`
 * @throws {StorageError} when the part could not take the name; the old folder is in its place then
 */
export async function replaceFolder(part: Part): Promise<StorageError | undefined> {
  const { output, oldPath } = part;
  await attemptAt(ACTION, output, async () => {
    if ((await lookAtName(oldPath)) !== undefined) throw oldIsThere(part);
    await requireNoMount(output, await realPathOf(output));
    await keepModeOf(output, part.path);
    await rename(fsPath(output), fsPath(oldPath));
    try {
      await rename(fsPath(part.path), fsPath(output));
    } catch (thrown) {
      await rename(fsPath(oldPath), fsPath(output));
      throw thrown;
    }
    await syncFolder(dirname(output));
  });
  // The resume data is removed after the renames, so that the part is still trusted if they do not happen.
  await removeResumeFile(part.resumePath);
  return removeOld(part);
}

/**
 * Ends the replacement of a folder by a process that was killed. The old folder is put back if nothing has taken its place,
 * and removed if the part did. The caller holds the lock of the part.
 *
 * @returns an error if there is an old folder that can be neither put back nor removed
 * @throws {StorageError}
 */
export async function recoverReplaced(part: Part): Promise<StorageError | undefined> {
  const { output, oldPath, path } = part;
  const [old, now, unfinished] = await Promise.all([oldPath, output, path].map(lookAtName));
  if (old !== 'folder') return undefined;
  if (now === undefined) {
    await attemptAt('put back the folder', output, () => rename(fsPath(oldPath), fsPath(output)));
    await attemptAt('flush folder', dirname(output), () => syncFolder(dirname(output)));
    return undefined;
  }
  if (unfinished !== undefined) return oldIsThere(part);
  await removeResumeFile(part.resumePath);
  return removeOld(part);
}

/** Tells whether an earlier process has left a folder that it was replacing. */
export async function hasReplaced({ oldPath }: Part): Promise<boolean> {
  return (await lookAtName(oldPath)) === 'folder';
}

function oldIsThere({ output, oldPath }: Part): StorageError {
  const reason = `${oldPath}, which an earlier replacement has left, is in the way; move it away or remove it`;
  return new StorageError('NOT_WRITABLE', output, { action: ACTION, reason });
}

async function removeOld({ oldPath }: Part): Promise<StorageError | undefined> {
  try {
    await attemptAt('remove the old folder', oldPath, () => removeTree(oldPath));
    return undefined;
  } catch (thrown) {
    if (thrown instanceof StorageError) return thrown;
    throw thrown;
  }
}

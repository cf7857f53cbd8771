import { chmod, chown, lstat } from 'node:fs/promises';
import { fsPath } from '../util/index.ts';

/** The bits of a mode that say who may do what, and how what is made in a folder is shared. */
const MODE_BITS = 0o7777;
/** The error codes of disks that have no modes or groups, and of a group that this user may not give away. */
const NOT_KEPT = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'];

/**
 * Gives a new folder the mode and the group of the folder whose place it takes, so that what was private stays private. Those
 * of a folder of another user say nothing about the wishes of this one, and do not count.
 *
 * @throws the system's error
 */
export async function keepModeOf(before: string, folder: string): Promise<void> {
  const [old, now] = await Promise.all(
    [before, folder].map((path) => lstat(fsPath(path)).catch(() => undefined)),
  );
  if (old?.isDirectory() !== true || now === undefined || old.uid !== process.geteuid?.()) return;
  const quietly = (work: Promise<void>) =>
    work.catch((thrown: NodeJS.ErrnoException) => {
      if (!NOT_KEPT.includes(thrown.code ?? '')) throw thrown;
    });
  if (old.gid !== now.gid) await quietly(chown(fsPath(folder), now.uid, old.gid));
  // After the change of the group, which takes the bit away that gives the group to what is made in the folder.
  await quietly(chmod(fsPath(folder), old.mode & MODE_BITS));
}

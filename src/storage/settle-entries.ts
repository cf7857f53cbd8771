import { constants, open, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inRealFolder, lookAtName, makeFolderBelow, realPathOf } from '../files/index.ts';
import { fsPath } from '../util/index.ts';
import type { StoredFile } from './file-storage.ts';
import { inParallel } from './in-parallel.ts';
import { type LookOptions, lookAtEntries, textOfLink } from './look-at-entries.ts';
import { ledElsewhere, requireAt } from './open-files.ts';
import { attemptAt, StorageError } from './storage-error.ts';
import type { StoredEntries, StoredLink } from './stored-entries.ts';

/** The bits of a mode that let somebody run the file, and the bits that let somebody read it. */
const MAY_RUN = 0o111;
const MAY_READ = 0o444;
/** The number of bits between the two. */
const READ_TO_RUN = 2;

/** The error codes of disks without symbolic links, such as FAT, and of Windows, which lets not every user make them. */
const WITHOUT_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** An entry that the disk cannot hold as the torrent has it. */
export interface NotKept {
  readonly path: string;
  /** The thing that is missing: the whole link, or whether the file is a program. */
  readonly what: 'link' | 'mode';
}

/**
 * Makes everything of a torrent but the bytes of its files: empty folders, the modes of files, and at last the links, so
 * that nothing is ever written through one. Something of another kind in the place of an entry is refused, and a link with
 * another text is replaced.
 *
 * @param root the folder of the torrent
 * @returns the entries that this disk cannot hold as they are
 * @throws {StorageError} and the signal's reason
 */
export async function settleEntries(
  entries: StoredEntries,
  root: string,
  { modes, many, signal }: LookOptions,
): Promise<NotKept[]> {
  const notKept: NotKept[] = [];
  const makeFolderAt = (path: string) => attemptAt('make folder', path, () => makeFolderBelow(root, path));
  await inParallel(entries.emptyFolders, ({ path }) => makeFolderAt(path), signal);
  const faulty = await lookAtEntries({ ...entries, links: [], emptyFolders: [] }, root, {
    modes,
    many,
    signal,
  });
  const wrongModes = faulty.filter(({ fault }) => fault === 'mode');
  await inParallel(
    wrongModes,
    async ({ index, path }) => {
      const isSet = await attemptAt('set the mode of', path, () => setMode(entries.files[index]!));
      if (!isSet) notKept.push({ path, what: 'mode' });
    },
    signal,
  );
  await inParallel(
    entries.links,
    async (link) => {
      await makeFolderAt(dirname(link.path));
      const isMade = await attemptAt('make the link', link.path, () => makeLink(link));
      if (!isMade) notKept.push({ path: link.path, what: 'link' });
    },
    signal,
  );
  return notKept;
}

/** Lets everybody who may read a file run it, or nobody. @returns whether the disk keeps the mode */
async function setMode({ path, realPath, isExecutable = false }: StoredFile): Promise<boolean> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  const file = await open(fsPath(realPath ?? path), flags);
  if (realPath !== undefined) await requireAt(file, { path, realPath }, 'set the mode of');
  try {
    const { mode } = await file.stat();
    const mayRead = mode & MAY_READ;
    const wanted = isExecutable ? mode | (mayRead >> READ_TO_RUN) : mode & ~MAY_RUN;
    await file.chmod(wanted & 0o7777);
    return ((await file.stat()).mode & MAY_RUN) === (wanted & MAY_RUN);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw thrown;
  } finally {
    await file.close();
  }
}

/** Makes a link in a real folder. @returns `false` if this disk has no links */
async function makeLink({ path, realPath, target }: StoredLink): Promise<boolean> {
  const kind = await lookAtName(path);
  if (kind === 'symbolic link' && (await textOfLink(path)) === target) return true;
  if (kind !== undefined && kind !== 'symbolic link') throw inTheWay(path, kind);
  const folder = realPath === undefined ? await realPathOf(dirname(path)) : dirname(realPath);
  const isMade = await inRealFolder(folder, async (at) => {
    const place = fsPath(join(at, basename(path)));
    try {
      if (kind !== undefined) await rm(place);
      await symlink(fsPath(target), place);
      return true;
    } catch (thrown) {
      const { code = '' } = thrown as NodeJS.ErrnoException;
      if (WITHOUT_LINKS.includes(code)) return false;
      throw thrown;
    }
  });
  if (isMade === undefined) throw ledElsewhere(path, 'make the link');
  return isMade;
}

function inTheWay(path: string, kind: string): StorageError {
  return new StorageError('NOT_WRITABLE', path, {
    action: 'make the link',
    reason: `a ${kind} of that name is there`,
  });
}

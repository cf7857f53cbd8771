import { type FileHandle, link, lstat, open, readlink, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type FileKind, FileKindError, kindOf, lookAtName } from './file-kind.ts';

/** The most links in a chain of links; a longer chain counts as a circle. Linux follows as many. */
const MAX_LINKS = 40;
/** The suffix of the name that a new version of a file has until it is whole. */
const NEW_SUFFIX = '~';
const WRITABLE_BY_ALL = 0o002;

/** Matches the end of a name that can only mean a folder. */
const FOLDER_NAME = process.platform === 'win32' ? /[\\/]$/ : /\/$/;

/** Tells whether a name can only mean a folder, because it ends in a slash. The folder need not exist. */
export function meansFolder(path: string): boolean {
  return FOLDER_NAME.test(path);
}

/** A name under which something may be written. */
export interface WritableName {
  /** The absolute path at the end of all links. */
  readonly path: string;
  /** The kind of file that is there now and would be replaced; `undefined` when there is none. */
  readonly kind: 'file' | 'folder' | undefined;
}

/**
 * Decides whether a name may be written to, by one rule for everything that writes files. A regular file may be replaced,
 * and a folder if the caller allows it. A symbolic link stays, and is followed, as by `cp` and `curl -o`. Devices, named
 * pipes, sockets, and links that lead to one of them or to nowhere are never replaced.
 *
 * A link that another user has put into a folder to which all can write, such as `/tmp`, is not followed. (Linux itself
 * follows none in such a folder that is sticky: `fs.protected_symlinks`.)
 *
 * @param action the attempt, for the message: `"download to"`
 * @throws {FileKindError}
 */
export async function findWritableName(action: string, path: string): Promise<WritableName> {
  let at = resolve(path);
  for (let links = 0; links <= MAX_LINKS; links += 1) {
    const stats = await lstat(at).catch(() => undefined);
    if (stats === undefined) {
      if (links === 0) return { path: at, kind: undefined };
      throw new FileKindError(action, path, 'symbolic link', ` that leads to ${at}, where nothing is`);
    }
    const kind = kindOf(stats);
    if (kind === 'file' || kind === 'folder') return { path: at, kind };
    if (kind !== 'symbolic link') {
      const via = links === 0 ? '' : `, at ${at}`;
      throw new FileKindError(action, path, kind, `${via}; only a regular file is ever replaced`);
    }
    if (await isStrangers(at, stats.uid)) {
      throw new FileKindError(
        action,
        path,
        kind,
        ' that another user put into a folder that all can write to',
      );
    }
    at = resolve(dirname(at), await readlink(at));
  }
  throw new FileKindError(action, path, 'symbolic link', ' that leads to itself');
}

/**
 * Refuses a name that has something other than a regular file or a folder. Call it just before a file is renamed to the
 * name, which may have changed since {@link findWritableName}.
 *
 * @throws {FileKindError}
 */
export async function requireReplaceable(action: string, path: string): Promise<void> {
  await requireKind(action, path, ['file', 'folder']);
}

/**
 * Renames a file to a name that is free. A file that appears there at this very moment is not replaced.
 *
 * @throws the system's error, such as `EEXIST`
 */
export async function renameToFree(from: string, to: string): Promise<void> {
  try {
    // `link()` gives a second name only if that is free; `rename()` would replace another file.
    await link(from, to);
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException;
    if (!WITHOUT_LINKS.includes(code)) throw thrown;
    if ((await lookAtName(to)) !== undefined) throw withCode('EEXIST', `${to} is there already`);
    await rename(from, to);
    return;
  }
  // Another process may have removed the first name already.
  await rm(from, { force: true });
}

/** The error codes of file systems that have no hard links, such as FAT. */
const WITHOUT_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

function withCode(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}

/** Refuses a name that has something of a kind that is not in the list. A free name is fine. @returns the kind that was found @throws {FileKindError} */
export async function requireKind(
  action: string,
  path: string,
  kinds: readonly FileKind[],
): Promise<FileKind | undefined> {
  const kind = await lookAtName(path);
  if (kind !== undefined && !kinds.includes(kind)) throw new FileKindError(action, path, kind);
  return kind;
}

/**
 * Opens a new file for writing. A regular file of the same name is removed first; anything else is refused.
 *
 * @throws {FileKindError} and the system's error
 */
export async function openAnew(path: string, mode?: number): Promise<FileHandle> {
  await requireKind('write to', path, ['file']);
  await rm(path, { force: true });
  return open(path, 'wx', mode);
}

/**
 * Writes a file in one step: even after a crash, either the whole old file or the whole new one is there.
 *
 * @param path the result of {@link findWritableName}, or a name that only this program uses
 * @throws {FileKindError} and the system's error
 */
export async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  const newPath = path + NEW_SUFFIX;
  await requireKind('write to', path, ['file']);
  const file = await openAnew(newPath);
  try {
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(newPath, path);
  } catch (thrown) {
    await rm(newPath, { force: true });
    throw thrown;
  }
}

/** Tells whether a link in a folder to which all can write belongs to another user. */
async function isStrangers(link: string, owner: number): Promise<boolean> {
  const folder = await stat(dirname(link));
  const isOpenToAll = (folder.mode & WRITABLE_BY_ALL) !== 0;
  return isOpenToAll && owner !== process.geteuid?.() && owner !== folder.uid;
}

import { type FileHandle, link, lstat, open, readlink, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type FileKind, FileKindError, kindOf, lookAtName } from './file-kind.ts';

/** Links that lead to links, before it is taken for a circle; as many as Linux follows. */
const MAX_LINKS = 40;
/** The suffix of the name of a new version of a file until it is whole. */
const NEW_SUFFIX = '~';
const WRITABLE_BY_ALL = 0o002;

/** The ends of names that can only mean a folder. */
const FOLDER_NAME = process.platform === 'win32' ? /[\\/]$/ : /\/$/;

/** Whether a name can only mean a folder, there or not: it ends in a slash. */
export function meansFolder(path: string): boolean {
  return FOLDER_NAME.test(path);
}

/** A name that something is to be written under. */
export interface WritableName {
  /** The name after all links, absolute. */
  readonly path: string;
  /** The kind of file that is there now and would be replaced; `undefined` when there is none. */
  readonly kind: 'file' | 'folder' | undefined;
}

/**
 * Decides what may be written under a name, for everything that writes files: a regular file is replaced, and so may a
 * folder be, as far as the caller says. A symbolic link is followed to what it leads to, as `cp` and `curl -o` do, and
 * stays. Devices, named pipes, sockets and links that lead to one or nowhere are never replaced.
 *
 * A link that another user put into a folder that all can write to, such as `/tmp`, is not followed. (Linux itself follows
 * none in a sticky one, `fs.protected_symlinks`.)
 *
 * @param action for the message: `"download to"`
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
 * Refuses a name at which something else than a regular file or a folder is. For the moment before a file is renamed to
 * it: what is there may have changed since {@link findWritableName}.
 *
 * @throws {FileKindError}
 */
export async function requireReplaceable(action: string, path: string): Promise<void> {
  await requireKind(action, path, ['file', 'folder']);
}

/**
 * Gives a file another name, at which nothing is: one that comes there at this moment is not replaced.
 *
 * @throws the system's error, such as `EEXIST`
 */
export async function renameToFree(from: string, to: string): Promise<void> {
  try {
    // A second name is given only if it is free; `rename()` would take it from another file.
    await link(from, to);
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException;
    if (!WITHOUT_LINKS.includes(code)) throw thrown;
    if ((await lookAtName(to)) !== undefined) throw withCode('EEXIST', `${to} is there already`);
    await rename(from, to);
    return;
  }
  // Another process may finish what this one began.
  await rm(from, { force: true });
}

/** The error codes of file systems that have no hard links, such as FAT. */
const WITHOUT_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

function withCode(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}

/** Refuses a name at which something of another kind is. @throws {FileKindError} */
export async function requireKind(action: string, path: string, kinds: readonly FileKind[]): Promise<void> {
  const kind = await lookAtName(path);
  if (kind !== undefined && !kinds.includes(kind)) throw new FileKindError(action, path, kind);
}

/**
 * Opens a file that must be new. One of that name is removed, if it is a regular file; nothing else is.
 *
 * @throws {FileKindError} and the system's error
 */
export async function openAnew(path: string, mode?: number): Promise<FileHandle> {
  await requireKind('write to', path, ['file']);
  await rm(path, { force: true });
  return open(path, 'wx', mode);
}

/**
 * Writes a file in one step: whenever this ends, the old file or the new one is there, whole.
 *
 * @param path a name of {@link findWritableName}, or one that only this program uses
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

/** Tells whether somebody else owns a link in a folder that all can write to. */
async function isStrangers(link: string, owner: number): Promise<boolean> {
  const folder = await stat(dirname(link));
  const isOpenToAll = (folder.mode & WRITABLE_BY_ALL) !== 0;
  return isOpenToAll && owner !== process.geteuid?.() && owner !== folder.uid;
}

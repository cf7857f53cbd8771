import { access, constants, lstat, stat } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { fileVersion, fsPath, systemReason, toError } from '../util/index.ts';
import type { OfferedFile } from './offer.ts';
import { SeederError } from './seeder-error.ts';

/**
 * Looks at a file.
 *
 * @param below the folder that it was found in without following links: none may stand on the way from there to the file,
 * nor in its place; absent: links are followed
 * @returns its `fileVersion()`; `undefined` when it is no regular file, or there is such a link
 * @throws what `fs.stat` throws, and `fs.access` for a file that this process may not read
 */
export type LookAtFile = (path: string, below?: string) => Promise<string | undefined>;

// A third cheaper than those of node:fs/promises.
const statOf = promisify(stat);
const lstatOf = promisify(lstat);
const accessOf = promisify(access);

export const lookAtFile: LookAtFile = async (path, below) => {
  const version = below === undefined ? await lookThroughLinks(path) : await lookBelow(below, path);
  // Its version says nothing of permissions, and a file that stays open is read without a look at them.
  if (version !== undefined) await accessOf(fsPath(path), constants.R_OK);
  return version;
};

/** Looks at a file, or at what a link in its place leads to. */
async function lookThroughLinks(path: string): Promise<string | undefined> {
  const stats = await statOf(fsPath(path), { bigint: true });
  return stats.isFile() ? fileVersion(stats) : undefined;
}

/** Looks at a file and at each folder between it and `root`, and follows no link there. */
async function lookBelow(root: string, path: string): Promise<string | undefined> {
  const names = relative(root, path).split(sep);
  let at = root;
  for (const [index, name] of names.entries()) {
    at = join(at, name);
    const stats = await lstatOf(fsPath(at), { bigint: true });
    if (index === names.length - 1) return stats.isFile() ? fileVersion(stats) : undefined;
    if (!stats.isDirectory()) return undefined;
  }
  return undefined;
}

/** Compares a file with what was hashed. @returns why it may not be served any more; `undefined` while it may */
export async function faultOf(
  { path, version, below }: OfferedFile,
  look: LookAtFile,
): Promise<SeederError | undefined> {
  try {
    if ((await look(path, below)) === version) return undefined;
  } catch (thrown) {
    const cause = toError(thrown) as NodeJS.ErrnoException;
    const isGone = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
    const why = isGone ? 'it was moved or deleted' : systemReason(cause);
    return new SeederError(isGone ? 'CHANGED' : 'DISK', `Cannot read ${path}: ${why}`, { path, cause });
  }
  return new SeederError('CHANGED', `Cannot seed ${path}: it has changed since it was hashed`, { path });
}

/** Names the state of several files. @returns `undefined` while one of them is not there or cannot be looked at */
export async function stateOf(
  files: readonly Omit<OfferedFile, 'version'>[],
  look: LookAtFile,
): Promise<string | undefined> {
  const versions: string[] = [];
  for (const { path, below } of files) {
    const version = await look(path, below).catch(() => undefined);
    if (version === undefined) return undefined;
    versions.push(version);
  }
  return versions.join('\n');
}

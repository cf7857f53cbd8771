import { access, constants, stat } from 'node:fs';
import { promisify } from 'node:util';
import { realPathOf } from '../files/index.ts';
import { fileVersion, fsPath, lacksDescriptors, systemReason, toError } from '../util/index.ts';
import type { OfferedFile } from './offer.ts';
import { SeederError } from './seeder-error.ts';

/**
 * Looks at a file.
 *
 * @param realPath where it must really be: no link may stand in its place, nor in that of a folder above it; absent: links
 * are followed
 * @returns its `fileVersion()`; `undefined` when it is no regular file, or there is such a link
 * @throws what `fs.stat` throws, and `fs.access` for a file that this process may not read
 */
export type LookAtFile = (path: string, realPath?: string) => Promise<string | undefined>;

// A third cheaper than those of node:fs/promises.
const statOf = promisify(stat);
const accessOf = promisify(access);

export const lookAtFile: LookAtFile = async (path, realPath) => {
  const stats = await statOf(fsPath(path), { bigint: true });
  if (!stats.isFile() || (realPath !== undefined && (await realPathOf(path)) !== realPath)) return undefined;
  // Its version says nothing of permissions, and a file that stays open is read without a look at them.
  await accessOf(fsPath(path), constants.R_OK);
  return fileVersion(stats);
};

/** Compares a file with what was hashed. @returns why it may not be served any more; `undefined` while it may */
export async function faultOf(
  { path, version, realPath }: OfferedFile,
  look: LookAtFile,
): Promise<SeederError | undefined> {
  try {
    if ((await look(path, realPath)) === version) return undefined;
  } catch (thrown) {
    const cause = toError(thrown) as NodeJS.ErrnoException;
    // It may well be there, and is looked at again.
    if (lacksDescriptors(cause)) return undefined;
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
  for (const { path, realPath } of files) {
    const version = await look(path, realPath).catch(() => undefined);
    if (version === undefined) return undefined;
    versions.push(version);
  }
  return versions.join('\n');
}

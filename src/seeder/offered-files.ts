import { access, type BigIntStats, constants, stat } from 'node:fs';
import { promisify } from 'node:util';
import { realPathOf } from '../files/index.ts';
import { fileVersion, fsPath, lacksDescriptors, systemReason, toError } from '../util/index.ts';
import type { OfferedFile } from './offer.ts';
import { SeederError } from './seeder-error.ts';

/**
 * A function that looks at a file.
 *
 * @param realPath the path without links that it must have; `undefined` if links are followed
 * @returns its `fileVersion()`; `undefined` when it is no regular file, or a link has taken its place or that of a folder
 * above it
 * @throws the error of `fs.stat`, or of `fs.access` for a file that this process may not read
 */
export type LookAtFile = (path: string, realPath?: string) => Promise<string | undefined>;

/** The state of a file that was looked at. */
export interface FileSight {
  /** The `fileVersion()`. */
  readonly version: string;
  /** The time of the last change of its inode, in nanoseconds since 1970. Unlike that of the last write, no program can set it. */
  readonly changedNs: bigint;
}

/** A function that looks at a file like {@link LookAtFile}, and tells more of it. */
export type SeeFile = (path: string, realPath?: string) => Promise<FileSight | undefined>;

// These calls cost a third less than those of node:fs/promises.
const statOf = promisify(stat);
const accessOf = promisify(access);

export const lookAtFile: LookAtFile = async (path, realPath) => {
  const stats = await statsOf(path, realPath);
  return stats && fileVersion(stats);
};

export const seeFile: SeeFile = async (path, realPath) => {
  const stats = await statsOf(path, realPath);
  return stats && { version: fileVersion(stats), changedNs: stats.ctimeNs };
};

/** Looks at a file like {@link LookAtFile}. @returns all that the system tells of it */
export async function statsOf(path: string, realPath?: string): Promise<BigIntStats | undefined> {
  const stats = await statOf(fsPath(path), { bigint: true });
  if (!stats.isFile() || (realPath !== undefined && (await realPathOf(path)) !== realPath)) return undefined;
  // A file's version does not show its permissions, and an open file is read without checking them.
  await accessOf(fsPath(path), constants.R_OK);
  return stats;
}

/**
 * Compares a file with its hashed state.
 *
 * @returns the reason why it may not be served any more, or its state; `undefined` when it cannot be looked at now
 */
export async function compareFile(
  { path, version, realPath }: OfferedFile,
  see: SeeFile,
): Promise<SeederError | FileSight | undefined> {
  try {
    const sight = await see(path, realPath);
    if (sight?.version === version) return sight;
  } catch (thrown) {
    const cause = toError(thrown) as NodeJS.ErrnoException;
    // The file may well be there, and the next round looks at it again.
    if (lacksDescriptors(cause)) return undefined;
    const isGone = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
    const why = isGone ? 'it was moved or deleted' : systemReason(cause);
    return new SeederError(isGone ? 'CHANGED' : 'DISK', `Cannot read ${path}: ${why}`, { path, cause });
  }
  return hasChanged(path);
}

/** Makes the error for a file that is no longer what was hashed. */
export function hasChanged(path: string): SeederError {
  return new SeederError('CHANGED', `Cannot seed ${path}: it has changed since it was hashed`, { path });
}

/** Makes a text for the state of several files. @returns `undefined` while one of them is missing or cannot be looked at */
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

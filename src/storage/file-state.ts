import { lstat } from 'node:fs/promises';
import { fileVersion, fsPath } from '../util/index.ts';
import { inParallel } from './in-parallel.ts';

/** The state of a file, which tells without reading the file whether it has changed. */
export interface FileState {
  /** Bytes. */
  readonly size: number;
  /** The time of the last write to it, in nanoseconds since 1970. */
  readonly modified: bigint;
}

/** A regular file that was found on disk. */
export interface FoundFile extends FileState {
  /** The bytes that it takes on the disk. */
  readonly allocated: number;
  /** A text that is the same for all names of one file, and differs between files. */
  readonly id: string;
}

/**
 * Looks at files without following symbolic links.
 *
 * @returns the files in the order of the paths; `undefined` for a path without a regular file
 * @throws the signal's reason
 */
export async function lookAt(
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<(FoundFile | undefined)[]> {
  const found = new Array<FoundFile | undefined>(paths.length).fill(undefined);
  const look = async ([at, path]: [number, string]) => {
    const stats = await lstat(fsPath(path), { bigint: true }).catch(() => undefined);
    if (stats?.isFile() !== true) return;
    found[at] = {
      size: Number(stats.size),
      modified: stats.mtimeNs,
      allocated: Number(stats.blocks) * 512,
      id: `${stats.dev}:${stats.ino}`,
    };
  };
  await inParallel(paths.entries(), look, signal);
  return found;
}

/**
 * Looks up the `fileVersion()` of files, without following symbolic links.
 *
 * @returns the versions in the order of the paths; an empty text for a path without a regular file
 */
export async function versionsOf(paths: readonly string[]): Promise<string[]> {
  const versions = new Array<string>(paths.length).fill('');
  await inParallel(paths.entries(), async ([at, path]) => {
    const stats = await lstat(fsPath(path), { bigint: true }).catch(() => undefined);
    if (stats?.isFile() === true) versions[at] = fileVersion(stats);
  });
  return versions;
}

/** Tells whether a file was not written to since its state was `before`. */
export function isUnchanged(now: FileState, before: FileState | undefined): boolean {
  return now.size === before?.size && now.modified === before.modified;
}

import { lstat } from 'node:fs/promises';
import { inParallel } from './in-parallel.ts';

/** The state of a file, by which a change of it shows without reading it. */
export interface FileState {
  /** Bytes. */
  readonly size: number;
  /** The time at which it was last written to, in nanoseconds since 1970. */
  readonly modified: bigint;
}

/** A regular file that was found on disk. */
export interface FoundFile extends FileState {
  /** The bytes of disk that it takes. */
  readonly allocated: number;
  /** A text that is the same for two names of one file, and for no others. */
  readonly id: string;
}

/**
 * Looks at files without following symbolic links.
 *
 * @returns in their order; `undefined` where there is no regular file
 * @throws the signal's reason
 */
export async function lookAt(
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<(FoundFile | undefined)[]> {
  const found = new Array<FoundFile | undefined>(paths.length).fill(undefined);
  const look = async ([at, path]: [number, string]) => {
    const stats = await lstat(path, { bigint: true }).catch(() => undefined);
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

/** Tells whether nothing has been written to a file since it was like `before`. */
export function isUnchanged(now: FileState, before: FileState | undefined): boolean {
  return now.size === before?.size && now.modified === before.modified;
}

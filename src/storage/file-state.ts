import type { FoundName, ManyFiles } from '../files/index.ts';

/** The state of a file, which tells without reading the file whether it has changed. */
export interface FileState {
  /** Bytes. */
  readonly size: number;
  /** The time of the last write to it, in nanoseconds since 1970. */
  readonly modified: bigint;
}

/** A regular file that was found on disk. */
export type FoundFile = FileState & Pick<FoundName, 'allocated' | 'id'>;

/**
 * Looks at files without following symbolic links.
 *
 * @returns the files in the order of the paths; `undefined` for a path without a regular file
 * @throws the signal's reason
 */
export async function lookAt(
  paths: readonly string[],
  many: ManyFiles,
  signal?: AbortSignal,
): Promise<(FoundName | undefined)[]> {
  const found = await many.look(paths, signal);
  return found.map((one) => (one?.kind === 'file' ? one : undefined));
}

/**
 * Looks up the `fileVersion()` of files, without following symbolic links.
 *
 * @returns the versions in the order of the paths; an empty text for a path without a regular file
 */
export async function versionsOf(paths: readonly string[], many: ManyFiles): Promise<string[]> {
  return (await lookAt(paths, many)).map((found) => found?.version ?? '');
}

/** Tells whether a file was not written to since its state was `before`. */
export function isUnchanged(now: FileState, before: FileState | undefined): boolean {
  return now.size === before?.size && now.modified === before.modified;
}

import type { BigIntStats, Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { fsPath, ShoalError } from '../util/index.ts';

/** The kinds of things that can stand under a name, as they read in a message. */
export type FileKind =
  | 'file'
  | 'folder'
  | 'symbolic link'
  | 'named pipe'
  | 'socket'
  | 'character device'
  | 'block device'
  | 'special file';

/** Finds the kind of a file or of something else that has a name. */
export function kindOf(stats: Stats | BigIntStats): FileKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'symbolic link';
  if (stats.isFIFO()) return 'named pipe';
  if (stats.isSocket()) return 'socket';
  if (stats.isCharacterDevice()) return 'character device';
  return stats.isBlockDevice() ? 'block device' : 'special file';
}

/** The error for a name at which something of an unusable kind was found, which was neither opened nor changed. */
export class FileKindError extends ShoalError<'WRONG_KIND'> {
  readonly path: string;
  readonly kind: FileKind;
  /** The reason why the path cannot be used, as a clause: `it is a named pipe`. */
  readonly reason: string;

  /** @param action the attempt, such as `"write to"` @param why the end of the sentence, with a space before it */
  constructor(action: string, path: string, kind: FileKind, why = '') {
    const reason = `it is a ${kind}${why}`;
    super('WRONG_KIND', `Cannot ${action} ${path}: ${reason}`);
    this.path = path;
    this.reason = reason;
    this.kind = kind;
  }
}

/**
 * Looks at what stands under a name without following a link.
 *
 * @returns `undefined` when the name is free, or cannot be looked at; using the name then tells why
 */
export async function lookAtName(path: string): Promise<FileKind | undefined> {
  const stats = await lstat(fsPath(path)).catch(() => undefined);
  return stats && kindOf(stats);
}

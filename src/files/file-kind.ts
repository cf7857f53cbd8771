import type { BigIntStats, Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { ShoalError } from '../util/index.ts';

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

/** Says of what kind something is. */
export function kindOf(stats: Stats | BigIntStats): FileKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'symbolic link';
  if (stats.isFIFO()) return 'named pipe';
  if (stats.isSocket()) return 'socket';
  if (stats.isCharacterDevice()) return 'character device';
  return stats.isBlockDevice() ? 'block device' : 'special file';
}

/** Something of a kind that cannot be used stands under a name. It was neither opened nor changed. */
export class FileKindError extends ShoalError<'WRONG_KIND'> {
  readonly path: string;
  readonly kind: FileKind;
  /** The reason why the path cannot be used, as a clause: `it is a named pipe`. */
  readonly reason: string;

  /** @param action what was attempted: `"write to"` @param why more about it, as the end of the sentence */
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
 * @returns `undefined` when there is nothing, or it cannot be looked at: using the name shows why
 */
export async function lookAtName(path: string): Promise<FileKind | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  return stats && kindOf(stats);
}

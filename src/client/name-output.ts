import { dirname, resolve, sep } from 'node:path';
import { type Part, StorageError } from '../storage/index.ts';

/** The system's errors that concern the folder of the part, its lock and its resume data. */
const FOLDER_ERRNOS = ['EACCES', 'EPERM', 'EROFS'];

/**
 * Changes the path in an error of the disk to the output as the user gave it, since no user knows `photos.part.lock`.
 *
 * @param given the output as the user gave it, or the torrent's name
 * @param part the part; `undefined` when its place was not decided yet
 * @returns the changed error; any other error unchanged
 */
export function nameOutput(thrown: unknown, given: string, part: Part | undefined): unknown {
  if (!(thrown instanceof StorageError)) return thrown;
  const path = asGiven(outputPathOf(thrown.path, part), given);
  return new StorageError(thrown.code, path, {
    action: 'download to',
    reason: reasonOf(thrown, part),
    cause: thrown,
  });
}

/** Makes the path below the output from one below its part. For a file beside the part, it is the output itself. */
function outputPathOf(path: string, part: Part | undefined): string {
  if (part === undefined) return path;
  if (path.startsWith(part.path + sep)) return part.output + path.slice(part.path.length);
  return isBeside(path, part) ? part.output : path;
}

function isBeside(path: string, { path: partPath, lockPath, resumePath }: Part): boolean {
  return [partPath, lockPath, resumePath, dirname(partPath)].includes(path);
}

function asGiven(path: string, given: string): string {
  const whole = resolve(given);
  return path === whole || path.startsWith(whole + sep)
    ? given.replace(/(?<=.)[/\\]+$/, '') + path.slice(whole.length)
    : path;
}

function reasonOf({ path, reason, cause }: StorageError, part: Part | undefined): string {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  const isOfFolder = part !== undefined && (path === part.lockPath || path === dirname(part.path));
  if (!isOfFolder || code === undefined) return reason;
  if (FOLDER_ERRNOS.includes(code)) return `its folder is not writable: ${reason}`;
  return code === 'EEXIST' ? 'a part of its path is a file, not a folder' : reason;
}

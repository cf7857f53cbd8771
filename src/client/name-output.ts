import { dirname, resolve, sep } from 'node:path';
import { type Part, StorageError } from '../storage/index.ts';

/** Errors of the folder that the part, its lock and its resume data lie in. */
const FOLDER_ERRNOS = ['EACCES', 'EPERM', 'EROFS'];

/**
 * Names the output in an error of a file that it is downloaded to, as the user gave it: nobody has asked for
 * `photos.part.lock`.
 *
 * @param given the output as the user gave it, or the torrent's name
 * @param part absent: where it goes was not decided yet
 * @returns other errors as they are
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

/** The path below the output for one below its part; the output for all that lies beside it. */
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

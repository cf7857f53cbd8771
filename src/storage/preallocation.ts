import { constants, type FileHandle, lstat, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileCallError, type ManyFiles, realPathOf } from '../files/index.ts';
import { fsPath } from '../util/index.ts';
import type { FoundFile } from './file-state.ts';
import type { StoredFile } from './file-storage.ts';
import { failedCall, ledElsewhere, requireAt } from './open-files.ts';
import { StorageError } from './storage-error.ts';

/**
 * The way in which a download takes its space on disk:
 *
 * - `none`: files grow as they are written
 * - `sparse`: files have their full length at once, and take space as they are written
 * - `full`: files take all their space before the download begins, so that the disk cannot become full during it
 */
export type Preallocation = 'none' | 'sparse' | 'full';

/** The bytes that are read and written at a time. */
const RUN_BYTES = 1024 * 1024;
/** The least size of a hole in a file, in bytes. A hole begins and ends at multiples of it. */
const HOLE_BYTES = 4096;
const ZEROS = Buffer.alloc(RUN_BYTES);

/**
 * Makes a file, or prepares one that is there for writing. Its bytes stay, up to the length of the file in the torrent.
 *
 * @param found the file as it was found; `undefined` when there is no regular file
 * @param onTaken called between long writes with the bytes that have space; an error that it throws ends this
 */
export async function allocateFile(
  { path, realPath, length, isExecutable }: StoredFile,
  found: FoundFile | undefined,
  preallocation: Preallocation,
  onTaken: (bytes: number) => void,
): Promise<void> {
  const size = found?.size ?? 0;
  const mustResize = preallocation === 'none' ? size > length : size !== length;
  const mustFill = preallocation === 'full' && (found?.allocated ?? 0) < length;
  if (!mustFill) onTaken(length);
  if (found !== undefined && !mustResize && !mustFill) return;
  if (found === undefined && realPath !== undefined) await requireFolderAt(path, realPath);
  const flags = found === undefined ? constants.O_CREAT | constants.O_EXCL : constants.O_NOFOLLOW;
  const handle = await open(fsPath(path), constants.O_RDWR | flags, modeOf(isExecutable)).catch(
    async (thrown: NodeJS.ErrnoException) => {
      throw thrown.code === 'EEXIST' ? await inTheWay(path) : thrown;
    },
  );
  if (realPath !== undefined) await requireAt(handle, { path, realPath }, 'write');
  try {
    if (mustResize) await handle.truncate(length);
    if (mustFill) await fillHoles(handle, Math.min(size, length), length, onTaken);
  } finally {
    await handle.close();
  }
}

/** Makes files that are not there, without taking their space. @throws {StorageError} and the signal's reason */
export async function makeFiles(
  files: readonly StoredFile[],
  preallocation: Exclude<Preallocation, 'full'>,
  many: ManyFiles,
  signal?: AbortSignal,
): Promise<void> {
  const made = files.map(({ path, realPath, length, isExecutable }) => {
    return { path, realPath, length: preallocation === 'none' ? 0 : length, mode: modeOf(isExecutable) };
  });
  try {
    await many.make(made, signal);
  } catch (thrown) {
    if (!(thrown instanceof FileCallError)) throw thrown;
    const { path } = made[thrown.index]!;
    throw thrown.code === 'EEXIST' ? await inTheWay(path) : failedCall(thrown, 'write', path);
  }
}

/** Decides the mode with which a file is made, of which the system takes what the user does not allow. */
function modeOf(isExecutable = false): number {
  return isExecutable ? 0o777 : 0o666;
}

/** Checks that the folder for a new file has not moved or become a link. @throws {StorageError} `CHANGED` */
export async function requireFolderAt(path: string, realPath: string): Promise<void> {
  if ((await realPathOf(dirname(path))) === dirname(realPath)) return;
  throw ledElsewhere(path, 'write');
}

async function inTheWay(path: string): Promise<StorageError> {
  const isFile = (await lstat(fsPath(path)).catch(() => undefined))?.isFile() ?? false;
  const reason = isFile
    ? 'on this disk another file of the torrent has the same name, letter case or accents aside'
    : 'something that is no regular file has that name';
  return new StorageError('NOT_WRITABLE', path, { action: 'write', reason });
}

/**
 * Writes zeros to the holes of a file: to everything behind `end`, and before `end` to every block that reads as zeros. A
 * hole looks like written zeros, and writing zeros to those does no harm.
 */
async function fillHoles(
  handle: FileHandle,
  end: number,
  length: number,
  onTaken: (bytes: number) => void,
): Promise<void> {
  const run = Buffer.alloc(Math.min(RUN_BYTES, end));
  for (let start = 0; start < length; ) {
    const stop = Math.min(start + RUN_BYTES, start < end ? end : length);
    if (start >= end) await writeAll(handle, ZEROS.subarray(0, stop - start), start);
    else await fillHolesOf(handle, await readAll(handle, run.subarray(0, stop - start), start), start);
    onTaken(stop - start);
    start = stop;
  }
}

/** Writes zeros to the blocks of a run that read as zeros. @param bytes the bytes of the file at `start` */
async function fillHolesOf(handle: FileHandle, bytes: Buffer, start: number): Promise<void> {
  const isHole = (at: number) => {
    const block = bytes.subarray(at, at + HOLE_BYTES);
    return block.equals(ZEROS.subarray(0, block.length));
  };
  for (let at = 0; at < bytes.length; at += HOLE_BYTES) {
    let stop = at;
    while (stop < bytes.length && isHole(stop)) stop += HOLE_BYTES;
    if (stop === at) continue;
    await writeAll(handle, bytes.subarray(at, stop), start + at);
    at = stop;
  }
}

async function readAll(handle: FileHandle, into: Buffer, position: number): Promise<Buffer> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new Error(`it became shorter while it was read at ${position + done}`);
    done += bytesRead;
  }
  return into;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

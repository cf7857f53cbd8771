import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { devNull } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { FileKindError, kindOf } from './file-kind.ts';

/** The bytes that are read from a pipe at a time. */
const PIPE_BYTES = 64 * 1024;
/** The milliseconds between two tries to read from a pipe that is still empty. */
const PIPE_PAUSE_MS = 20;

/**
 * Reads an input to its end: a regular file, or a pipe such as `/dev/stdin` or `<(command)` of a shell. It refuses devices
 * and sockets, except `/dev/null`, which is empty. No thread waits for the input, so that a pipe to which nobody writes
 * holds nothing up.
 *
 * @param limit the most bytes; of a longer input, `limit + 1` bytes are returned for the caller to refuse
 * @throws {FileKindError} for a device, a socket, a folder, or a pipe to which nobody writes; and the system's error
 */
export async function readInput(path: string, limit: number): Promise<Buffer> {
  // The kind is checked before the file is opened, because opening alone makes some devices act.
  const before = await stat(path);
  if (await isNullDevice(before)) return Buffer.of();
  requireInput(path, before);
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await file.stat();
  const kind = requireInput(path, stats);
  // One byte more than the size is asked for, because only a short read shows the end.
  if (kind === 'file') return await readUpTo(file, limit, stats.size + 1);
  let hasWriter = false;
  const bytes = await readUpTo(file, limit, PIPE_BYTES, () => {
    hasWriter = true;
  });
  if (bytes.length === 0 && !hasWriter) throw new FileKindError('read', path, kind, ' that nobody writes to');
  return bytes;
}

/**
 * Reads a file that this program has written, if it can be trusted: in a folder such as `/tmp`, somebody else may have put
 * another file in its place. No link is followed, and all checks are made on the open file.
 *
 * @param limit the most bytes
 * @returns `undefined` when there is no file to trust: it is missing, longer than `limit`, no regular file, has a second
 * name, or belongs to another user
 */
export async function readOwnFile(path: string, limit: number): Promise<Buffer | undefined> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  try {
    await using file = await open(path, flags);
    const stats = await file.stat();
    const isOwn = stats.uid === (process.geteuid?.() ?? stats.uid);
    if (!isOwn || !stats.isFile() || stats.nlink > 1 || stats.size > limit) return undefined;
    return await readUpTo(file, limit, stats.size + 1);
  } catch {
    return undefined;
  }
}

function requireInput(path: string, stats: Stats): 'file' | 'named pipe' {
  const kind = kindOf(stats);
  if (kind !== 'file' && kind !== 'named pipe') throw new FileKindError('read', path, kind);
  return kind;
}

async function isNullDevice(stats: Stats): Promise<boolean> {
  return stats.isCharacterDevice() && stats.rdev === (await stat(devNull)).rdev;
}

/**
 * Reads a file to its end, at most `limit + 1` bytes.
 *
 * @param step the bytes to make room for at first
 * @param onWait called while somebody has a pipe open and writes nothing
 */
async function readUpTo(
  file: FileHandle,
  limit: number,
  step: number,
  onWait: () => void = () => {},
): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  let length = 0;
  while (length <= limit) {
    if (length === bytes.length) {
      const roomier = Buffer.allocUnsafe(Math.min(Math.max(2 * length, step), limit + 1));
      bytes.copy(roomier);
      bytes = roomier;
    }
    const bytesRead = await readSome(file, bytes.subarray(length), onWait);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

/** Reads some bytes, and waits for them if a pipe is empty. @returns their number, 0 at the end */
async function readSome(file: FileHandle, into: Buffer, onWait: () => void): Promise<number> {
  for (;;) {
    try {
      return (await file.read(into, 0, into.length, null)).bytesRead;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') throw thrown;
      onWait();
      await setTimeout(PIPE_PAUSE_MS);
    }
  }
}

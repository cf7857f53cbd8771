import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { devNull } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { FileKindError, kindOf } from './file-kind.ts';

/** Bytes of a pipe that are read at a time. */
const PIPE_BYTES = 64 * 1024;
/** Milliseconds between two looks at a pipe that has nothing to read yet. */
const PIPE_PAUSE_MS = 20;

/**
 * Reads an input: a regular file, or a pipe such as `/dev/stdin` or `<(command)` of a shell to its end. A device or a
 * socket is refused, but for `/dev/null`, which is empty. No thread ever waits for it, so that a pipe that nobody writes to holds nothing up.
 *
 * @param limit bytes; of a longer one `limit + 1` bytes are returned, for the caller to refuse
 * @throws {FileKindError} for what cannot be read, also a pipe that nobody writes to; and the system's error
 */
export async function readInput(path: string, limit: number): Promise<Buffer> {
  // Before it is opened: with some devices, that alone does something.
  const before = await stat(path);
  if (await isNullDevice(before)) return Buffer.of();
  requireInput(path, before);
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await file.stat();
  const kind = requireInput(path, stats);
  // A byte more than it has shows its end.
  if (kind === 'file') return await readUpTo(file, limit, stats.size + 1);
  let hasWriter = false;
  const bytes = await readUpTo(file, limit, PIPE_BYTES, () => {
    hasWriter = true;
  });
  if (bytes.length === 0 && !hasWriter) throw new FileKindError('read', path, kind, ' that nobody writes to');
  return bytes;
}

/**
 * Reads a file that this program wrote, which others could have put into its place in a folder like `/tmp`. No link is
 * followed, and what is looked at is the file that is open.
 *
 * @param limit bytes
 * @returns `undefined` when there is none that can be trusted: it is missing, longer, no regular file, has another name as
 * well, or belongs to another user
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
 * @param step bytes to make room for at first
 * @param onWait is told while somebody has a pipe open and writes nothing
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

/** @returns 0 at the end */
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

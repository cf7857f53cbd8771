import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import { isOpenAt, openPatiently } from '../files/index.ts';
import { fileVersion, toError } from '../util/index.ts';

/** The state of a file while a part of it was read. */
export type ReadState =
  | {
      readonly kind: 'found';
      /** Bytes. */
      readonly size: number;
      /** The `fileVersion()`. */
      readonly version: string;
    }
  | {
      readonly kind: 'missing' | 'unreadable';
      readonly cause: Error;
      /** The code of `cause`, which an error loses on its way from a thread to another. */
      readonly code?: string | undefined;
    }
  | { readonly kind: 'changed' };

/**
 * Reads a part of a file, block by block. Bytes that are missing or cannot be read are given as zeros.
 *
 * @param realPath the path without links if no link may be followed; a file that is not there is `unreadable`
 * @param block the memory for each block; every block but the last fills it
 * @param take called with each block, whose bytes change with the next one
 */
export function readPart(
  {
    path,
    realPath,
    position,
    length,
  }: {
    readonly path: string;
    readonly realPath?: string | undefined;
    readonly position: number;
    readonly length: number;
  },
  block: Uint8Array,
  take: (bytes: Uint8Array) => void,
): ReadState {
  let done = 0;
  const takeNext = (read: (bytes: Uint8Array) => number) => {
    const bytes = length - done < block.length ? block.subarray(0, length - done) : block;
    const found = read(bytes);
    if (found < bytes.length) bytes.fill(0, found);
    take(bytes);
    done += bytes.length;
  };
  const state = withFile(path, realPath, (fd) => {
    const before = look(fd, realPath);
    const available = Math.min(length, before.size - position);
    while (done < available) takeNext((bytes) => readFully(fd, bytes, position + done));
    return before.version === look(fd, undefined).version ? before : { kind: 'changed' };
  });
  while (done < length) takeNext(() => 0);
  return state;
}

function withFile(path: string, realPath: string | undefined, read: (fd: number) => ReadState): ReadState {
  let fd: number | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    fd =
      realPath === undefined
        ? openPatiently(path, flags)
        : openPatiently(realPath, flags | constants.O_NOFOLLOW);
    return read(fd);
  } catch (thrown) {
    const cause = toError(thrown);
    const { code } = cause as NodeJS.ErrnoException;
    return { kind: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable', cause, code };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function look(fd: number, realPath: string | undefined) {
  const stats = fstatSync(fd, { bigint: true });
  if (!stats.isFile()) throw new Error('it is no regular file');
  if (realPath !== undefined && !isOpenAt(fd, realPath)) {
    throw new Error('a symbolic link has taken its place, or that of a folder above it');
  }
  return { kind: 'found', size: Number(stats.size), version: fileVersion(stats) } as const;
}

/** Reads until the buffer is full or the file ends. @returns the number of bytes read */
function readFully(fd: number, into: Uint8Array, position: number): number {
  let filled = 0;
  while (filled < into.length) {
    const read = readSync(fd, into, filled, into.length - filled, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { findWritableName } from '../../../../files/index.ts';
import { toError } from '../../../../util/index.ts';
import { TrackerStartError } from '../../../errors/index.ts';
import { isDamage } from './is-damage.ts';
import { META_BYTES, type Meta, readMeta } from './lmdb-layout.ts';

/** The bytes that are written where the file grows. */
const ZEROS = Buffer.alloc(1024 * 1024);
/** The number of bytes for which the disk must have room when a file is made. */
const NEW_FILE_BYTES = 64 * 1024;

/**
 * The file beneath an LMDB environment, guarded from outside, because LMDB crashes the process where others fail: on a file
 * of another program, on one that has lost its end, and on a full disk. So the file is checked before LMDB opens it, and has
 * room for all bytes before LMDB writes them.
 */
export class DataFile {
  readonly #file: FileHandle;
  readonly #path: string;
  #size: number;

  private constructor(file: FileHandle, path: string, size: number) {
    this.#file = file;
    this.#path = path;
    this.#size = size;
  }

  /**
   * Opens a file that LMDB can open, or makes an empty one, which LMDB fills.
   *
   * @throws {TrackerStartError} CANNOT_KEEP_STATE, BAD_STATE, DAMAGED_STATE
   */
  static async open(path: string): Promise<DataFile> {
    let file: FileHandle | undefined;
    try {
      await findWritableName('keep the catalog in', path);
      // The file is opened without O_APPEND, because writes have their offsets, and without truncating it.
      file = await open(path, 'r+').catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code === 'ENOENT') return open(path, 'wx+', 0o600);
        throw thrown;
      });
      const { size } = await file.stat();
      if (await isNew(file, size)) await tryRoom(file);
      else await checkWhole(file, path, size);
      return new DataFile(file, path, size);
    } catch (thrown) {
      await file?.close();
      throw cannotKeep(path, thrown);
    }
  }

  /** Makes the file at least this large, with bytes that are really on the disk; fails as writing does: ENOSPC. */
  async grow(size: number): Promise<void> {
    if (size <= this.#size) return;
    // LMDB, or an earlier attempt that failed, may have written past the end.
    const { size: found } = await this.#file.stat();
    await fill(this.#file, found, size);
    this.#size = Math.max(found, size);
  }

  get path(): string {
    return this.#path;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/**
 * Turns an error into one that says that a catalog's file cannot be used. An error that says so already is returned as it
 * is.
 */
export function cannotKeep(path: string, thrown: unknown): TrackerStartError {
  if (thrown instanceof TrackerStartError) return thrown;
  if (isDamage(thrown)) {
    const message = `The catalog in ${path} is damaged (${toError(thrown).message}); ${MOVE_IT}`;
    return new TrackerStartError('DAMAGED_STATE', message, { cause: thrown });
  }
  const message = `Cannot keep the catalog in ${path}: ${toError(thrown).message}`;
  return new TrackerStartError('CANNOT_KEEP_STATE', message, { cause: thrown });
}

/**
 * Says whether LMDB has written nothing to the file yet: it is empty, or as a process left it that was killed while it tried
 * for room.
 */
async function isNew(file: FileHandle, size: number): Promise<boolean> {
  if (size > NEW_FILE_BYTES) return false;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
  return buffer.equals(ZEROS.subarray(0, bytesRead));
}

/** Fails when the disk has no room for a new file. */
async function tryRoom(file: FileHandle): Promise<void> {
  try {
    await fill(file, 0, NEW_FILE_BYTES);
  } finally {
    await file.truncate(0);
  }
}

async function fill(file: FileHandle, from: number, to: number): Promise<void> {
  for (let at = from; at < to; ) {
    const { bytesWritten } = await file.write(ZEROS, 0, Math.min(ZEROS.length, to - at), at);
    at += bytesWritten;
  }
}

/**
 * Opens a catalog's file to read it, without waiting for a pipe in its place.
 *
 * @returns `undefined` for a path that is no file or cannot be read, and for an empty file: opening it for LMDB says so, or
 * fills it
 */
export async function openToRead(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (file === undefined) return undefined;
  const stats = await file.stat();
  if (stats.isFile() && !(await isNew(file, stats.size))) return file;
  await file.close();
  return undefined;
}

async function metaAt(file: FileHandle, at: number): Promise<Meta | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(META_BYTES), 0, META_BYTES, at);
  return readMeta(buffer.subarray(0, bytesRead));
}

async function checkWhole(file: FileHandle, path: string, size: number): Promise<void> {
  const first = await metaAt(file, 0);
  const second = first && (await metaAt(file, first.pageBytes));
  if (first === undefined || second === undefined) {
    throw new TrackerStartError('BAD_STATE', `${path} is no catalog of a tracker; ${MOVE_IT}`);
  }
  const lastPage = Math.max(first.lastPage, second.lastPage);
  const expected = (lastPage + 1) * first.pageBytes;
  if (expected <= size) return;
  throw new TrackerStartError(
    'DAMAGED_STATE',
    `The catalog in ${path} is damaged: it has ${size} bytes of ${expected}; ${MOVE_IT}`,
  );
}

/** The advice about a file that cannot be read. */
export const MOVE_IT =
  'move it away, and seeders register again by themselves, or name another tracker.stateDir';

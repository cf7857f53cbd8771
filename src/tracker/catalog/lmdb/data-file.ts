import { type FileHandle, open } from 'node:fs/promises';
import { findWritableName } from '../../../files/index.ts';
import { toError } from '../../../util/index.ts';
import { TrackerError } from '../../tracker-error.ts';
import { isDamage } from './is-damage.ts';

/** Written where the file is to grow. */
const ZEROS = Buffer.alloc(1024 * 1024);
/** What a new file must find room for. */
const NEW_FILE_BYTES = 64 * 1024;

/* How an LMDB file starts: two pages, each with a head and then what tells of the whole file, of which this is known. */
const META_BYTES = 152;
const AT_MAGIC = 24;
const AT_VERSION = 28;
const AT_PAGE_BYTES = 48;
const AT_LAST_PAGE = 144;
const MAGIC = 0xbeefc0de;
const VERSION = 2;

/**
 * The file beneath an LMDB environment, looked after from outside, for LMDB takes the process with it where others fail:
 * when it is given a file that is none of its own or has lost its end, and when the disk is full. So a file is looked at
 * before LMDB opens it, and has all the bytes that LMDB may write before it writes them.
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
   * @throws {TrackerError} CANNOT_KEEP_STATE, BAD_STATE, DAMAGED_STATE
   */
  static async open(path: string): Promise<DataFile> {
    let file: FileHandle | undefined;
    try {
      await findWritableName('keep the catalog in', path);
      // Without O_APPEND: all that is written has its place. Nothing is cut off.
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

  /** Makes the file so large, or larger, with bytes that the disk has given, or fails as writing does: ENOSPC. */
  async grow(size: number): Promise<void> {
    if (size <= this.#size) return;
    // LMDB may have written past the end, and what failed before may have written something.
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

/** What is said of a catalog's file that cannot be worked with; what says that already is said as it is. */
export function cannotKeep(path: string, thrown: unknown): TrackerError {
  if (thrown instanceof TrackerError) return thrown;
  if (isDamage(thrown)) {
    const message = `The catalog in ${path} is damaged (${toError(thrown).message}); ${MOVE_IT}`;
    return new TrackerError('DAMAGED_STATE', message, { cause: thrown });
  }
  const message = `Cannot keep the catalog in ${path}: ${toError(thrown).message}`;
  return new TrackerError('CANNOT_KEEP_STATE', message, { cause: thrown });
}

/** Whether LMDB has written nothing to it: it is empty, or as a process left it that was killed trying for room. */
async function isNew(file: FileHandle, size: number): Promise<boolean> {
  if (size > NEW_FILE_BYTES) return false;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
  return buffer.equals(ZEROS.subarray(0, bytesRead));
}

/** Fails when a new file would not find room. */
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

/** Tells whether a file begins as those of LMDB do. */
export async function isLmdbFile(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(AT_VERSION), 0, AT_VERSION, 0);
    return bytesRead === AT_VERSION && buffer.readUInt32LE(AT_MAGIC) === MAGIC;
  } finally {
    await file.close();
  }
}

async function checkWhole(file: FileHandle, path: string, size: number): Promise<void> {
  const meta = Buffer.alloc(META_BYTES);
  let expected = 0;
  for (const page of [0, 1]) {
    const at = page * meta.readUInt32LE(AT_PAGE_BYTES);
    const { bytesRead } = await file.read(meta, 0, META_BYTES, at);
    const isMeta = meta.readUInt32LE(AT_MAGIC) === MAGIC && meta.readUInt16LE(AT_VERSION) === VERSION;
    if (bytesRead < META_BYTES || !isMeta) {
      throw new TrackerError('BAD_STATE', `${path} is no catalog of a tracker; ${MOVE_IT}`);
    }
    const pages = Number(meta.readBigUInt64LE(AT_LAST_PAGE)) + 1;
    expected = Math.max(expected, pages * meta.readUInt32LE(AT_PAGE_BYTES));
  }
  if (expected <= size) return;
  throw new TrackerError(
    'DAMAGED_STATE',
    `The catalog in ${path} is damaged: it has ${size} bytes of ${expected}; ${MOVE_IT}`,
  );
}

/** What to do about a file that cannot be read. */
export const MOVE_IT =
  'move it away, and seeders register again by themselves, or name another tracker.stateDir';

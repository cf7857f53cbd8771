import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { toError } from '../util/index.ts';
import { HashingError } from './errors.ts';
import type { SharedBytes } from './tasks.ts';

/** A file on disk and where it stands in a torrent's stream. */
export interface StreamFile {
  /** On disk. */
  readonly path: string;
  /** Bytes it should have. */
  readonly length: number;
  readonly offset: number;
}

/** What a file on disk lacks of, or has beyond, what it should have. */
export type FileFault = 'missing' | 'short' | 'long';

/** Bytes of one file that were read into a slot. */
export interface ReadPart {
  /** Index of the file. */
  readonly file: number;
  /** Offset in the slot. */
  readonly begin: number;
  readonly length: number;
  /** Whether the file ends with this part. */
  readonly isLast: boolean;
}

/**
 * Is told of files that are not as they should be; what they lack is read as zeros. Without it they are an error.
 *
 * @param from in the stream: the first byte that is not there
 * @param to behind the last one
 */
export type OnFault = (file: number, fault: FileFault, from: number, to: number) => void;

interface OpenFile {
  readonly handle: FileHandle;
  readonly size: number;
  readonly modified: bigint;
}

/**
 * Reads the files of a torrent in one pass from the first byte of the stream to the last, one file open at a time.
 * Bytes between files are zeros. A file that changes while it is read is an error.
 */
export class StreamReader {
  readonly #files: readonly StreamFile[];
  readonly #onFault: OnFault | undefined;
  /** The file that is read next, or is being read. */
  #index = 0;
  #open: OpenFile | undefined;

  constructor(files: readonly StreamFile[], onFault?: OnFault) {
    this.#files = files;
    this.#onFault = onFault;
  }

  /**
   * Fills the slot with the stream from `start` on, which is where the last call ended.
   *
   * @returns the parts of files in it, in the order of the stream; also of empty files
   * @throws {HashingError}
   */
  async fill(slot: SharedBytes, start: number): Promise<ReadPart[]> {
    const end = start + slot.length;
    const parts: ReadPart[] = [];
    let filled = 0;
    for (;;) {
      const file = this.#files[this.#index];
      if (file === undefined || file.offset >= end) break;
      const begin = Math.max(file.offset, start) - start;
      const length = Math.min(file.offset + file.length, end) - start - begin;
      slot.fill(0, filled, begin);
      await this.#readPart(file, slot.subarray(begin, begin + length), start + begin);
      filled = begin + length;
      const isLast = start + filled === file.offset + file.length;
      parts.push({ file: this.#index, begin, length, isLast });
      if (!isLast) break;
      await this.#finishFile(file);
    }
    slot.fill(0, filled);
    return parts;
  }

  /** Looks at the files behind the last byte of the stream, which are empty. @returns their indices */
  async finish(): Promise<number[]> {
    const empty: number[] = [];
    for (let file = this.#files[this.#index]; file !== undefined; file = this.#files[this.#index]) {
      await this.#openFile(file);
      empty.push(this.#index);
      await this.#finishFile(file);
    }
    return empty;
  }

  /** Closes what is open, wherever the reading stopped. */
  async close(): Promise<void> {
    const opened = this.#open;
    this.#open = undefined;
    await opened?.handle.close();
  }

  /** Fills `target` with the file's bytes that stand at `position` of the stream. */
  async #readPart(file: StreamFile, target: SharedBytes, position: number): Promise<void> {
    if (position === file.offset) await this.#openFile(file);
    const opened = this.#open;
    const fileOffset = position - file.offset;
    const available = Math.max(0, Math.min(target.length, (opened?.size ?? 0) - fileOffset));
    target.fill(0, available);
    let done = 0;
    while (opened && done < available) {
      const { bytesRead } = await opened.handle
        .read(target, done, available - done, fileOffset + done)
        .catch((thrown: unknown) => {
          throw unreadable(file, thrown);
        });
      if (bytesRead === 0) throw changed(file, 'it became shorter while it was read');
      done += bytesRead;
    }
  }

  async #openFile(file: StreamFile): Promise<void> {
    const handle = await this.#tryOpen(file);
    if (!handle) return;
    // From here on close() has it.
    const stats = await handle.stat({ bigint: true }).catch(async (thrown: unknown) => {
      await handle.close();
      throw unreadable(file, thrown);
    });
    this.#open = { handle, size: Number(stats.size), modified: stats.mtimeNs };
    if (!stats.isFile()) throw unreadable(file, new Error('it is no regular file'));
    if (this.#open.size < file.length) this.#fault(file, 'short', this.#open.size);
    if (this.#open.size > file.length) this.#fault(file, 'long', file.length);
  }

  async #tryOpen(file: StreamFile): Promise<FileHandle | undefined> {
    try {
      // Without O_NONBLOCK, opening a named pipe waits for a writer.
      return await open(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (thrown) {
      const { code } = toError(thrown) as NodeJS.ErrnoException;
      if (!this.#onFault || (code !== 'ENOENT' && code !== 'ENOTDIR')) throw unreadable(file, thrown);
      this.#fault(file, 'missing', 0);
      return undefined;
    }
  }

  #fault(file: StreamFile, fault: FileFault, available: number): void {
    if (!this.#onFault) {
      throw changed(file, `it should have ${file.length} bytes and has ${this.#open?.size ?? 'none'}`);
    }
    this.#onFault(this.#index, fault, file.offset + available, file.offset + file.length);
  }

  async #finishFile(file: StreamFile): Promise<void> {
    this.#index += 1;
    const opened = this.#open;
    if (!opened) return;
    const stats = await opened.handle.stat({ bigint: true });
    await this.close();
    if (Number(stats.size) !== opened.size || stats.mtimeNs !== opened.modified) {
      throw changed(file, 'it was written to while it was read');
    }
  }
}

function unreadable({ path }: StreamFile, cause: unknown): HashingError {
  return new HashingError('FILE_UNREADABLE', `Cannot read ${path}: ${toError(cause).message}`, {
    path,
    cause,
  });
}

function changed({ path }: StreamFile, how: string): HashingError {
  return new HashingError('FILE_CHANGED', `Cannot hash ${path}: ${how}`, { path });
}

import { HashingError } from './errors.ts';
import type { FileState } from './read-part.ts';
import type { StreamFile } from './stream-ranges.ts';

/** What a file on disk lacks of, or has beyond, what it should have. */
export type FileFault = 'missing' | 'short' | 'long';

/**
 * Is told once of each file that is not as it should be; what it lacks was read as zeros. Without it, it is an error.
 *
 * @param from in the stream: the first byte that is not there
 * @param to behind the last one
 */
export type OnFault = (file: number, fault: FileFault, from: number, to: number) => void;

/** Compares files as they are found, each time a part of them was read, with what they should be and were before. */
export class FileCheck {
  readonly #files: readonly StreamFile[];
  readonly #onFault: OnFault | undefined;
  /** As found first, by file; of one that is missing, no text. */
  readonly #versions: string[] = [];

  constructor(files: readonly StreamFile[], onFault?: OnFault) {
    this.#files = files;
    this.#onFault = onFault;
  }

  /** @throws {HashingError} `FILE_CHANGED`, `FILE_UNREADABLE` */
  add(index: number, state: FileState): void {
    const file = this.#files[index]!;
    if (state.kind === 'unreadable' || (state.kind === 'missing' && !this.#onFault))
      throw unreadable(file, state.cause);
    const before = this.#versions[index];
    const version = state.kind === 'found' ? state.version : '';
    if (state.kind === 'changed' || (before !== undefined && before !== version)) {
      throw changed(file, 'it was written to while it was read');
    }
    this.#versions[index] = version;
    if (before === undefined) this.#checkSize(index, state.kind === 'found' ? state.size : undefined);
  }

  /** @param size absent when the file is missing */
  #checkSize(index: number, size: number | undefined): void {
    const file = this.#files[index]!;
    const { offset, length } = file;
    if (size === length) return;
    if (!this.#onFault) throw changed(file, `it should have ${length} bytes and has ${size}`);
    const fault = size === undefined ? 'missing' : size < length ? 'short' : 'long';
    this.#onFault(index, fault, offset + Math.min(size ?? 0, length), offset + length);
  }
}

function unreadable({ path }: StreamFile, cause: Error): HashingError {
  return new HashingError('FILE_UNREADABLE', `Cannot read ${path}: ${cause.message}`, { path, cause });
}

function changed({ path }: StreamFile, how: string): HashingError {
  return new HashingError('FILE_CHANGED', `Cannot hash ${path}: ${how}`, { path });
}

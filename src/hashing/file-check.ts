import { HashingError, unreadable } from './errors.ts';
import type { ReadState } from './read-part.ts';
import type { StreamFile } from './stream-ranges.ts';

/** The way in which a file on disk differs from what it should be. */
export type FileFault = 'missing' | 'short' | 'long';

/**
 * Takes, once, each file that is not as it should be; what it lacks was read as zeros. Without this, such a file is an error.
 *
 * @param from the offset in the stream of the first byte that is not there
 * @param to the offset behind the last one
 */
export type OnFault = (file: number, fault: FileFault, from: number, to: number) => void;

/** Takes, once, each file that cannot be read, or that changes while it is read. The hashes mean nothing then. */
export type OnUnusable = (file: number, error: HashingError) => void;

/** A check of files: each time a part of one was read, it compares the file with what it should be and what it was before. */
export class FileCheck {
  readonly #files: readonly StreamFile[];
  readonly #onFault: OnFault | undefined;
  readonly #onUnusable: OnUnusable | undefined;
  /** The state in which each file was found first; an empty text for one that is missing. */
  readonly #versions: string[] = [];
  readonly #unusable = new Set<number>();

  /** @param onUnusable takes what {@link add} otherwise throws */
  constructor(files: readonly StreamFile[], onFault?: OnFault, onUnusable?: OnUnusable) {
    this.#files = files;
    this.#onFault = onFault;
    this.#onUnusable = onUnusable;
  }

  /** The state in which each file was read, of `fileVersion()`; an empty text for one that is missing. */
  get versions(): readonly string[] {
    return this.#versions;
  }

  /** Takes the state of a file of which a part was read. @throws {HashingError} `FILE_CHANGED`, `FILE_UNREADABLE` */
  add(index: number, state: ReadState): void {
    if (this.#unusable.has(index)) return;
    try {
      this.#compare(index, state);
    } catch (thrown) {
      if (this.#onUnusable === undefined || !(thrown instanceof HashingError)) throw thrown;
      this.#unusable.add(index);
      this.#onUnusable(index, thrown);
    }
  }

  #compare(index: number, state: ReadState): void {
    const file = this.#files[index]!;
    if (state.kind === 'unreadable' || (state.kind === 'missing' && !this.#onFault))
      throw unreadable(file.path, state.cause);
    const before = this.#versions[index];
    const version = state.kind === 'found' ? state.version : '';
    if (state.kind === 'changed' || (before !== undefined && before !== version)) {
      throw changed(file, 'it was written to while it was read');
    }
    this.#versions[index] = version;
    if (before === undefined) this.#checkSize(index, state.kind === 'found' ? state.size : undefined);
  }

  /** Compares the size of a file with the one it should have. @param size absent when the file is missing */
  #checkSize(index: number, size: number | undefined): void {
    const file = this.#files[index]!;
    const { offset, length } = file;
    if (size === length) return;
    if (!this.#onFault) throw changed(file, `it should have ${length} bytes and has ${size}`);
    const fault = size === undefined ? 'missing' : size < length ? 'short' : 'long';
    this.#onFault(index, fault, offset + Math.min(size ?? 0, length), offset + length);
  }
}

function changed({ path }: StreamFile, how: string): HashingError {
  return new HashingError('FILE_CHANGED', `Cannot hash ${path}: ${how}`, { path });
}

import { HashingError, unreadable } from './errors.ts';
import type { ReadState } from './read-part.ts';
import type { StreamFile } from './stream-ranges.ts';

/** The fault of a file on disk: it is missing, shorter or longer than in the torrent. */
export type FileFault = 'missing' | 'short' | 'long';

/**
 * A callback for each file that is missing or has the wrong size. It is called once for a file, whose missing bytes were
 * read as zeros. Without the callback, a fault is an error.
 *
 * @param from the offset in the stream of the first missing byte
 * @param to the offset behind the last missing byte
 */
export type OnFault = (file: number, fault: FileFault, from: number, to: number) => void;

/** A callback for each file that cannot be read or changes while it is read, called once. The hashes are then of no use. */
export type OnUnusable = (file: number, error: HashingError) => void;

/** A check of files while they are read. After each part, it compares the file's size and state with what they should be. */
export class FileCheck {
  readonly #files: readonly StreamFile[];
  readonly #onFault: OnFault | undefined;
  readonly #onUnusable: OnUnusable | undefined;
  /** The state of each file when it was first read; an empty text for one that is missing. */
  readonly #versions: string[] = [];
  readonly #unusable = new Set<number>();

  /** @param onUnusable called with the errors that {@link add} throws without it */
  constructor(files: readonly StreamFile[], onFault?: OnFault, onUnusable?: OnUnusable) {
    this.#files = files;
    this.#onFault = onFault;
    this.#onUnusable = onUnusable;
  }

  /** The `fileVersion()` of each file when it was read; an empty text for one that is missing. */
  get versions(): readonly string[] {
    return this.#versions;
  }

  /** Checks a file of which a part was read. @throws {HashingError} `FILE_CHANGED`, `FILE_UNREADABLE` */
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
      throw unreadable(file.path, Object.assign(state.cause, { code: state.code }));
    const before = this.#versions[index];
    const version = state.kind === 'found' ? state.version : '';
    if (state.kind === 'changed' || (before !== undefined && before !== version)) {
      throw changed(file, 'it was written to while it was read');
    }
    this.#versions[index] = version;
    if (before === undefined) this.#checkSize(index, state.kind === 'found' ? state.size : undefined);
  }

  /** Compares the size of a file with the size it should have. @param size `undefined` when the file is missing */
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

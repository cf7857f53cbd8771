import type { LocalFile } from './local-files.ts';

/** The most names at the end of a path that are compared. */
const MAX_NAMES_COMPARED = 4;
/** The most files of one name that are looked at for each file. */
const MAX_LOOKED_AT = 64;

/** Files on this disk by the ends of their paths, and by their sizes. Each file is given out once. */
export class Namesakes {
  readonly #byEnd = new Map<string, LocalFile[]>();
  readonly #bySize = new Map<number, LocalFile[]>();
  readonly #taken = new Set<LocalFile>();

  constructor(files: Iterable<LocalFile>) {
    for (const file of files) {
      for (const end of endsOf(file.names)) addTo(this.#byEnd, end, file);
      addTo(this.#bySize, file.length, file);
    }
  }

  /** Takes the file whose path has most names at its end in common with `path`. @returns `undefined` when none has its name */
  take(path: readonly string[], isFit: (file: LocalFile) => boolean): LocalFile | undefined {
    for (const end of endsOf(path)) {
      const found = this.#takeOf(this.#byEnd.get(end), isFit);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Takes a file of a size. */
  takeOfSize(length: number, isFit: (file: LocalFile) => boolean): LocalFile | undefined {
    return this.#takeOf(this.#bySize.get(length), isFit);
  }

  #takeOf(files: LocalFile[] | undefined, isFit: (file: LocalFile) => boolean): LocalFile | undefined {
    if (files === undefined) return undefined;
    // Those that were taken leave the front of the list, so that a name that many files have costs little.
    while (files.length > 0 && this.#taken.has(files.at(-1)!)) files.pop();
    const found = files.slice(-MAX_LOOKED_AT).find((file) => !this.#taken.has(file) && isFit(file));
    if (found !== undefined) this.#taken.add(found);
    return found;
  }
}

/** Lists the ends of a path, the longest first. */
function endsOf(path: readonly string[]): string[] {
  const most = Math.min(path.length, MAX_NAMES_COMPARED);
  return Array.from({ length: most }, (_, at) => path.slice(at - most).join('/'));
}

function addTo<K>(lists: Map<K, LocalFile[]>, key: K, file: LocalFile): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [file]);
  else list.push(file);
}

import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { realPathOf, type SystemFailure, withDescriptors } from '../files/index.ts';
import {
  compareFilePaths,
  type EntryPath,
  exactPathOf,
  linkedPath,
  MAX_FILES,
  nameFromBytes,
} from '../metainfo/index.ts';
import { diskPathToBytes, fsPath, toError, wakefulClock } from '../util/index.ts';
import { HashingError, unreadable } from './errors.ts';
import { type LeftOut, sumLeftOut } from './left-out.ts';
import { type FoldersToRead, type FoundEntry, type FoundFolder, idOf, isExecutable } from './read-folders.ts';

/** A file, a link or an empty folder of a folder. Its `path` is empty when the listed path itself is the file. */
export interface ListedEntry extends EntryPath {
  /** The path on disk. `fsPath()` makes it fit for `node:fs`. */
  readonly diskPath: string;
}

/** A file that can go into a torrent. */
export interface ListedFile extends ListedEntry {
  /** The path without links, at which the file must be when it is opened; `undefined` if links are followed. */
  readonly realPath?: string;
  readonly length: number;
  /** Whether its owner may execute it. */
  readonly isExecutable: boolean;
}

/** A symbolic link, when links are not followed. */
export interface ListedLink extends ListedEntry {
  /** The text of the link, in the form of `diskPathFromBytes()`. */
  readonly linkText: string;
  /** The names below the folder that it leads to, as in `MetainfoSymlink`; `undefined` when it leads outside. */
  readonly target: readonly string[] | undefined;
}

/** The options that decide which files of a folder are listed. */
export interface ListOptions {
  /** Whether files and folders whose names start with a dot are listed, by default `false`. */
  readonly hidden?: boolean;
  /**
   * Whether symbolic links are followed, even to the outside of the folder, by default `false`. A file that two links lead
   * to is listed twice. A link to a folder above it is left out.
   */
  readonly follow?: boolean;
  /** The path without links that `root` must have if it is a file; by default the path that it has now. */
  readonly realPath?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The files, links and empty folders of a folder, and counts of what was left out. */
export interface FileListing {
  /** The files in the order of a v2 torrent. */
  readonly files: readonly ListedFile[];
  /** The symbolic links in that order; empty when links are followed. */
  readonly links: readonly ListedLink[];
  /** The folders, below `root`, of which nothing is listed, in that order. */
  readonly emptyFolders: readonly ListedEntry[];
  readonly leftOut: LeftOut;
  /** One error, with its `path`, for each file or folder below `root` that cannot be looked at. */
  readonly failures: readonly HashingError[];
}

/** The port to what reads folders: a `HashPool`, whose threads may wait for a disk. */
export interface FolderReader {
  readFolders(folders: FoldersToRead): Promise<readonly FoundFolder[]>;
}

/**
 * The most folders that are read for one message to a thread. Messages cost time, and a signal is heard only between them.
 */
const FOLDERS_AT_ONCE = 8;

/**
 * Lists what a torrent of `root` can hold: the file itself, or the regular files, links and empty folders of the folder and of
 * the folders in it. It opens no file, so that a named pipe cannot hold it up.
 *
 * @throws {HashingError} `FILE_UNREADABLE` when `root` itself cannot be read, `NO_FILES` when it is neither a file nor a
 * folder, `TOO_MANY_FILES`; `POOL_CLOSED`, `WORKER_FAILED`
 * @throws the signal's reason
 */
export async function listFiles(
  reader: FolderReader,
  root: string,
  options: ListOptions = {},
): Promise<FileListing> {
  const stats = await look(root, (path) => stat(fsPath(path)));
  if (stats.isFile()) {
    const realPath = options.realPath ?? (await realRootOf(root, options));
    const facts = { length: stats.size, isExecutable: isExecutable(stats) };
    return {
      files: [{ path: [], diskPath: root, ...facts, ...(realPath !== undefined && { realPath }) }],
      links: [],
      emptyFolders: [],
      leftOut: sumLeftOut([]),
      failures: [],
    };
  }
  if (!stats.isDirectory()) throw notAFile(root, stats);
  const walk = new FolderWalk(reader, root, options, await realRootOf(root, options));
  await walk.list(idOf(stats));
  return walk.listing;
}

/** Finds the path without links, once, so that links that are put there later are not followed. */
async function realRootOf(root: string, { follow = false }: ListOptions): Promise<string | undefined> {
  return follow ? undefined : look(root, realPathOf);
}

/** A folder to be listed. */
interface FolderBelow {
  /** The names below the root. */
  readonly path: readonly string[];
  /** The names in the torrent. */
  readonly names: readonly string[];
  /** Whether a name is not UTF-8, so that the torrent has another one. */
  readonly isInexact: boolean;
  readonly diskPath: string;
  readonly realPath: string | undefined;
  /** The identities of this folder and of the folders above it, if links are followed. A link to one of them is a loop. */
  above: readonly string[];
}

/** A walk through one folder and the folders in it. */
class FolderWalk {
  readonly #reader: FolderReader;
  readonly #root: string;
  readonly #realRoot: string | undefined;
  readonly #options: ListOptions;
  readonly #files: ListedFile[] = [];
  readonly #links: ListedLink[] = [];
  readonly #emptyFolders: ListedEntry[] = [];
  readonly #failures: HashingError[] = [];
  readonly #leftOut = { ...sumLeftOut([]) };
  #foldersSeen = 0;

  constructor(reader: FolderReader, root: string, options: ListOptions, realRoot: string | undefined) {
    this.#reader = reader;
    this.#root = root;
    this.#realRoot = realRoot;
    this.#options = options;
  }

  get listing(): FileListing {
    const failures = this.#failures.sort((a, b) => (a.path! < b.path! ? -1 : 1));
    return {
      files: this.#files.sort(compareEntries),
      links: this.#links.sort(compareEntries),
      emptyFolders: this.#emptyFolders.sort(compareEntries),
      leftOut: this.#leftOut,
      failures,
    };
  }

  /**
   * Lists the root and all folders below it, some of them at a time.
   *
   * @param id the identity of the root
   * @throws {HashingError} when the root cannot be read, or there are too many files in it
   */
  async list(id: string): Promise<void> {
    const { signal, hidden = false, follow = false } = this.#options;
    const root = { path: [], names: [], isInexact: false, diskPath: this.#root, realPath: this.#realRoot };
    const waiting: FolderBelow[] = [{ ...root, above: [id] }];
    while (waiting.length > 0) {
      signal?.throwIfAborted();
      const some = waiting.splice(-FOLDERS_AT_ONCE);
      const folders = some.map(({ diskPath }) => diskPath);
      const found = await this.#reader.readFolders({ folders, hidden, follow });
      this.#foldersSeen += some.length;
      for (const [at, folder] of some.entries()) waiting.push(...this.#take(folder, found[at]!));
      this.#checkCount();
    }
    signal?.throwIfAborted();
  }

  /** Takes what was found in a folder. @returns the folders in it */
  #take(folder: FolderBelow, { entries, hidden, failure }: FoundFolder): FolderBelow[] {
    if (failure !== undefined) {
      const error = unreadable(folder.diskPath, systemErrorOf(failure));
      if (folder.path.length === 0) throw error;
      this.#failures.push(error);
      return [];
    }
    this.#leftOut.hidden += hidden;
    if (entries.length === 0 && folder.path.length > 0) {
      this.#emptyFolders.push(entryOf(folder));
      return [];
    }
    const folders: FolderBelow[] = [];
    for (const entry of entries) {
      const place = below(folder, entry.name);
      if (this.#takeEntry(place, entry)) folders.push(place);
    }
    return folders;
  }

  /** Takes an entry, or counts one that is left out. @returns whether it is a folder that is to be listed */
  #takeEntry(place: FolderBelow, { kind, length, text, failure }: FoundEntry): boolean {
    switch (kind) {
      case 'file':
      case 'executable': {
        const { realPath } = place;
        const facts = { length, isExecutable: kind === 'executable' };
        this.#files.push({ ...entryOf(place), ...facts, ...(realPath !== undefined && { realPath }) });
        return false;
      }
      case 'link': {
        const entry = entryOf(place);
        this.#links.push({ ...entry, linkText: text!, target: linkedPath(entry, text!) });
        return false;
      }
      case 'special':
        this.#leftOut.special += 1;
        return false;
      case 'failure':
        this.#failures.push(unreadable(place.diskPath, systemErrorOf(failure!)));
        return false;
      case 'folder':
        if (text === undefined) return true;
        if (place.above.includes(text)) {
          this.#leftOut.loops += 1;
          return false;
        }
        place.above = [...place.above, text];
        return true;
    }
  }

  /** Checks the number of files against the limit. @throws {HashingError} `TOO_MANY_FILES` */
  #checkCount(): void {
    // If links are followed, a few folders without a file can be reached by very many paths.
    const folders = this.#options.follow ? this.#foldersSeen : 0;
    const entries = this.#files.length + this.#links.length + this.#emptyFolders.length;
    if (Math.max(entries + this.#failures.length, folders) <= MAX_FILES) return;
    throw new HashingError(
      'TOO_MANY_FILES',
      `Cannot list ${this.#root}: there are more than ${MAX_FILES} files or folders in it`,
      { path: this.#root },
    );
  }
}

/** Finds the place of something in a folder. */
function below(folder: FolderBelow, name: string): FolderBelow {
  const { diskPath, realPath, above } = folder;
  const isInexact = folder.isInexact || fsPath(name) !== name;
  const path = [...folder.path, name];
  return {
    path,
    // There are very many of these, so that one list is for both.
    names: isInexact ? [...folder.names, nameInTorrent(name)] : path,
    isInexact,
    diskPath: join(diskPath, name),
    realPath: realPath === undefined ? undefined : join(realPath, name),
    above,
  };
}

function entryOf({ path, names, isInexact, diskPath }: FolderBelow): ListedEntry {
  return isInexact ? { path: names, exactPath: path, diskPath } : { path: names, diskPath };
}

function systemErrorOf({ message, code }: SystemFailure): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

/** Makes the name that a file or folder on disk has in a torrent, whose names are UTF-8. */
export function nameInTorrent(name: string): string {
  return nameFromBytes(diskPathToBytes(name));
}

/** Compares two entries by the order of a v2 torrent. */
export function compareEntries(a: EntryPath, b: EntryPath): number {
  return compareFilePaths(exactPathOf(a), exactPathOf(b));
}

function notAFile(path: string, stats: Stats): HashingError {
  const kind = stats.isFIFO()
    ? 'a named pipe'
    : stats.isSocket()
      ? 'a socket'
      : stats.isBlockDevice() || stats.isCharacterDevice()
        ? 'a device'
        : 'something else';
  return new HashingError('NO_FILES', `Cannot read ${path}: it is neither a file nor a folder but ${kind}`, {
    path,
  });
}

async function look<T>(path: string, how: (path: string) => Promise<T>): Promise<T> {
  try {
    return await withDescriptors(wakefulClock, () => how(path));
  } catch (thrown) {
    throw unreadable(path, toError(thrown));
  }
}

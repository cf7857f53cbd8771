import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { realPathOf, withDescriptors } from '../files/index.ts';
import {
  compareFilePaths,
  type EntryPath,
  exactPathOf,
  linkedPath,
  MAX_FILES,
  nameFromBytes,
} from '../metainfo/index.ts';
import { diskPathFromBytes, diskPathToBytes, fsPath, toError, wakefulClock } from '../util/index.ts';
import { HashingError, unreadable } from './errors.ts';
import { type LeftOut, sumLeftOut } from './left-out.ts';
import { mapInTurns } from './map-in-turns.ts';

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

const DOT = 0x2e;

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

/**
 * Lists what a torrent of `root` can hold: the file itself, or the regular files, links and empty folders of the folder and of
 * the folders in it. It opens no file, so that a named pipe cannot hold it up.
 *
 * @throws {HashingError} `FILE_UNREADABLE` when `root` itself cannot be read, `NO_FILES` when it is neither a file nor a
 * folder, `TOO_MANY_FILES`
 * @throws the signal's reason
 */
export async function listFiles(root: string, options: ListOptions = {}): Promise<FileListing> {
  const stats = await look(root, (path) => stat(fsPath(path)));
  if (stats.isFile()) {
    const realPath = options.realPath ?? (await realRootOf(root, options));
    return {
      files: [{ path: [], diskPath: root, ...fileFacts(stats), ...(realPath !== undefined && { realPath }) }],
      links: [],
      emptyFolders: [],
      leftOut: sumLeftOut([]),
      failures: [],
    };
  }
  if (!stats.isDirectory()) throw notAFile(root, stats);
  const walk = new FolderWalk(root, options, await realRootOf(root, options));
  await walk.list([], [idOf(stats)]);
  return walk.listing;
}

/** Finds the path without links, once, so that links that are put there later are not followed. */
async function realRootOf(root: string, { follow = false }: ListOptions): Promise<string | undefined> {
  return follow ? undefined : look(root, realPathOf);
}

/** A walk through one folder and the folders in it. */
class FolderWalk {
  readonly #root: string;
  readonly #realRoot: string | undefined;
  readonly #options: ListOptions;
  readonly #files: ListedFile[] = [];
  readonly #links: ListedLink[] = [];
  readonly #emptyFolders: ListedEntry[] = [];
  readonly #failures: HashingError[] = [];
  readonly #leftOut = { ...sumLeftOut([]) };
  #foldersSeen = 0;

  constructor(root: string, options: ListOptions, realRoot: string | undefined) {
    this.#root = root;
    this.#realRoot = realRoot;
    this.#options = options;
  }

  get listing(): FileListing {
    // The disk answers in any order, so that the errors are sorted.
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
   * Lists the folder at `path`, which has the names on disk.
   *
   * @param above the identities of this folder and of the folders above it; a link to one of them is a loop
   * @throws {HashingError} when `path` is the root and cannot be read, or there are too many files in it
   */
  async list(path: readonly string[], above: readonly string[]): Promise<void> {
    const { signal, hidden = false } = this.#options;
    signal?.throwIfAborted();
    this.#foldersSeen += 1;
    // Names are read as bytes, because a name that is not UTF-8 would be changed in a text.
    const entries = await look(join(this.#root, ...path), (folder) =>
      readdir(fsPath(folder), { withFileTypes: true, encoding: 'buffer' }),
    );
    const wanted = hidden ? entries : entries.filter((entry) => entry.name[0] !== DOT);
    this.#leftOut.hidden += entries.length - wanted.length;
    if (wanted.length === 0 && path.length > 0) this.#emptyFolders.push(this.#entryAt(path));
    const folders = await mapInTurns(wanted, (entry) => this.#take(entry, path, above));
    this.#checkCount();
    for (const folder of folders) if (folder !== undefined) await this.#listBelow(folder);
  }

  async #listBelow({ path, above }: FolderBelow): Promise<void> {
    try {
      await this.list(path, above);
    } catch (thrown) {
      if (!(thrown instanceof HashingError) || thrown.code !== 'FILE_UNREADABLE') throw thrown;
      this.#failures.push(thrown);
    }
  }

  /** Takes a file, or counts an entry that is left out. @returns the folder to list if the entry is one */
  async #take(
    entry: Dirent<Buffer>,
    folder: readonly string[],
    above: readonly string[],
  ): Promise<FolderBelow | undefined> {
    const path = [...folder, diskPathFromBytes(entry.name)];
    const diskPath = join(this.#root, ...path);
    const { follow = false } = this.#options;
    if (entry.isSymbolicLink() && !follow) await this.#takeLink(path);
    else if (entry.isDirectory() && !follow) return { path, above };
    else if (entry.isFile() || entry.isDirectory() || entry.isSymbolicLink()) {
      try {
        return this.#takeFound(
          path,
          above,
          await look(diskPath, (at) => (follow ? stat(fsPath(at)) : lstat(fsPath(at)))),
        );
      } catch (thrown) {
        if (!(thrown instanceof HashingError)) throw thrown;
        this.#failures.push(thrown);
      }
    } else this.#leftOut.special += 1;
    return undefined;
  }

  async #takeLink(path: readonly string[]): Promise<void> {
    const entry = this.#entryAt(path);
    try {
      const bytes = await look(entry.diskPath, (at) => readlink(fsPath(at), 'buffer'));
      const linkText = diskPathFromBytes(bytes);
      this.#links.push({ ...entry, linkText, target: linkedPath(entry, linkText) });
    } catch (thrown) {
      if (!(thrown instanceof HashingError)) throw thrown;
      this.#failures.push(thrown);
    }
  }

  /** @param path the names on disk */
  #entryAt(path: readonly string[]): ListedEntry {
    const diskPath = join(this.#root, ...path);
    const exact = path.every((name) => fsPath(name) === name) ? {} : { exactPath: path };
    return { path: path.map(nameInTorrent), ...exact, diskPath };
  }

  #takeFound(path: readonly string[], above: readonly string[], stats: Stats): FolderBelow | undefined {
    if (stats.isFile()) {
      const realRoot = this.#realRoot;
      const real = realRoot === undefined ? {} : { realPath: join(realRoot, ...path) };
      this.#files.push({ ...this.#entryAt(path), ...fileFacts(stats), ...real });
    } else if (!stats.isDirectory()) this.#leftOut.special += 1;
    else if (above.includes(idOf(stats))) this.#leftOut.loops += 1;
    else return { path, above: [...above, idOf(stats)] };
    return undefined;
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

/** A folder to be listed, and the identities of the folders above it. */
interface FolderBelow {
  readonly path: readonly string[];
  readonly above: readonly string[];
}

/** Makes the name that a file or folder on disk has in a torrent, whose names are UTF-8. */
export function nameInTorrent(name: string): string {
  return nameFromBytes(diskPathToBytes(name));
}

/** The bit of a file's mode by which its owner may execute it. */
const OWNER_EXECUTES = 0o100;

function fileFacts({ size, mode }: Stats): Pick<ListedFile, 'length' | 'isExecutable'> {
  return { length: size, isExecutable: (mode & OWNER_EXECUTES) !== 0 };
}

function compareEntries(a: EntryPath, b: EntryPath): number {
  return compareFilePaths(exactPathOf(a), exactPathOf(b));
}

function idOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
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

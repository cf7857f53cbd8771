import { lstat, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { kindOf, realPathOf } from '../files/index.ts';
import { type FolderReader, HashingError, listFiles, nameInTorrent } from '../hashing/index.ts';
import { StorageError } from '../storage/index.ts';
import { fsPath, type ReportError, toError } from '../util/index.ts';

/** A regular file on this disk that may have bytes of a torrent. It is only read. */
export interface LocalFile {
  /** The names below the folder in which it was found, as a torrent has them. */
  readonly names: readonly string[];
  readonly path: string;
  /** The path without links, at which it must be when it is opened. No two files have the same. */
  readonly realPath: string;
  /** Bytes. */
  readonly length: number;
}

/** A file or folder whose bytes are reused. */
interface Root {
  readonly path: string;
  readonly realPath: string;
  /** The file; `undefined` for a folder. */
  readonly file: LocalFile | undefined;
}

/** The most files and folders to reuse that may be named. */
export const MAX_REUSE_PATHS = 64;
/** The attempt, for messages. */
const ACTION = 'reuse';

/** The files and folders whose bytes are reused. Links in them are not followed, and only regular files are looked at. */
export class LocalFiles {
  readonly #roots: readonly Root[];
  /** The real path of a file or folder that is not reused. */
  readonly #except: string;
  readonly #reader: FolderReader;
  readonly #report: ReportError;
  #listed: Promise<readonly LocalFile[]> | undefined;

  private constructor(roots: readonly Root[], except: string, reader: FolderReader, report: ReportError) {
    this.#reader = reader;
    this.#roots = roots;
    this.#except = except;
    this.#report = report;
  }

  /**
   * Looks at files and folders to reuse. A path that is a link is followed. One that cannot be used any more is reported.
   *
   * @param except the real path of a file or folder that is not reused even if it is in one of them
   */
  static async open(
    paths: readonly string[],
    except: string,
    reader: FolderReader,
    report: ReportError,
  ): Promise<LocalFiles> {
    const roots: Root[] = [];
    for (const path of paths) {
      try {
        roots.push(await rootAt(path));
      } catch (thrown) {
        report(toError(thrown), 'reuse what is on this disk');
      }
    }
    return new LocalFiles(roots, except, reader, report);
  }

  /**
   * Finds the files that have the path of a file of the torrent, in the order of the folders. A file that was named itself
   * counts for a torrent of a single file.
   *
   * @param names the names on disk of the file of the torrent
   */
  async atPath(names: readonly string[], isSingleFile: boolean): Promise<LocalFile[]> {
    const found: LocalFile[] = [];
    for (const { path, realPath, file } of this.#roots) {
      const there = file === undefined ? await lookAt(join(path, ...names), join(realPath, ...names)) : file;
      if (there === undefined || isIn(this.#except, there.realPath)) continue;
      if (file === undefined || isSingleFile) found.push(there);
    }
    return found;
  }

  /** Lists all files, once. A folder that cannot be listed is reported, and counts as empty. @throws the signal's reason */
  all(signal: AbortSignal): Promise<readonly LocalFile[]> {
    this.#listed ??= this.#list(signal);
    return this.#listed;
  }

  async #list(signal: AbortSignal): Promise<readonly LocalFile[]> {
    const byPath = new Map<string, LocalFile>();
    for (const { path, file } of this.#roots) {
      const files = file === undefined ? await this.#listFolder(path, signal) : [file];
      for (const found of files) {
        if (!isIn(this.#except, found.realPath)) byPath.set(found.realPath, found);
      }
    }
    return [...byPath.values()];
  }

  async #listFolder(path: string, signal: AbortSignal): Promise<LocalFile[]> {
    try {
      const { files } = await listFiles(this.#reader, path, { hidden: true, signal });
      return files.flatMap(({ path: names, diskPath, realPath, length }) =>
        realPath === undefined ? [] : [{ names, path: diskPath, realPath, length }],
      );
    } catch (thrown) {
      if (!(thrown instanceof HashingError)) throw thrown;
      this.#report(thrown, 'find renamed files to reuse');
      return [];
    }
  }
}

/**
 * Checks that all paths are files and folders that can be reused.
 *
 * @throws {StorageError} MISSING, NOT_WRITABLE, … for the first that does not exist, or is neither a file nor a folder
 */
export async function requireReusable(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rootAt(path);
}

/** Tells whether a path is a folder or something in it. */
function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

async function rootAt(path: string): Promise<Root> {
  try {
    const stats = await stat(fsPath(path));
    const kind = kindOf(stats);
    if (kind !== 'file' && kind !== 'folder') {
      const reason = `it is a ${kind}, neither a file nor a folder`;
      throw new StorageError('NOT_WRITABLE', path, { action: ACTION, reason });
    }
    const realPath = await realPathOf(path);
    const names = [nameInTorrent(basename(realPath))];
    const file = kind === 'file' ? { names, path, realPath, length: stats.size } : undefined;
    return { path, realPath, file };
  } catch (thrown) {
    throw StorageError.from(thrown, ACTION, path);
  }
}

async function lookAt(path: string, realPath: string): Promise<LocalFile | undefined> {
  const stats = await lstat(fsPath(path)).catch(() => undefined);
  return stats?.isFile() === true ? { names: [], path, realPath, length: stats.size } : undefined;
}

import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { patiently, type SystemFailure, systemFailureOf } from '../files/index.ts';
import { diskPathFromBytes, fsPath } from '../util/index.ts';

/** The kinds of what a folder has. A failure is an entry that cannot be looked at. */
export type EntryKind =
  | 'file'
  | 'executable'
  | 'folder'
  | 'link'
  /** A device, a pipe or a socket. */
  | 'special'
  | 'failure';

/** An entry of a folder. */
export interface FoundEntry {
  /** The name, in the form of `diskPathFromBytes()`. */
  readonly name: string;
  readonly kind: EntryKind;
  /** The bytes of a file; 0 for all others. */
  readonly length: number;
  /** The text of a link, or, when links are followed, what tells a folder from all others; `undefined` otherwise. */
  readonly text?: string;
  readonly failure?: SystemFailure;
}

/** The entries of a folder. */
export interface FoundFolder {
  readonly entries: readonly FoundEntry[];
  /** The number of hidden names, which are left out. */
  readonly hidden: number;
  /** The reason why the folder cannot be read; the entries are of no use then. */
  readonly failure?: SystemFailure;
}

/** The folders to read. */
export interface FoldersToRead {
  /** The paths of the folders on disk. */
  readonly folders: readonly string[];
  /** Whether names that start with a dot are wanted. */
  readonly hidden: boolean;
  /** Whether the file or folder that a link leads to is looked at in its place. */
  readonly follow: boolean;
}

/** The bit of a file's mode by which its owner may execute it. */
const OWNER_EXECUTES = 0o100;
const DOT = 0x2e;

/**
 * Reads folders and looks at all that is in them, without opening a file. This runs on a hashing thread, which may wait for the
 * disk: a call that the thread waits for takes a tenth of the processor's time of one with a promise.
 */
export function readFolders({ folders, hidden, follow }: FoldersToRead): readonly FoundFolder[] {
  return folders.map((folder) => readFolder(folder, hidden, follow));
}

function readFolder(folder: string, hidden: boolean, follow: boolean): FoundFolder {
  try {
    // Names are read as bytes, because a name that is not UTF-8 would be changed in a text.
    const all = patiently(() => readdirSync(fsPath(folder), { withFileTypes: true, encoding: 'buffer' }));
    const wanted = hidden ? all : all.filter(({ name }) => name[0] !== DOT);
    const below = folder.endsWith('/') ? folder : `${folder}/`;
    const entries = wanted.map((entry): FoundEntry => {
      const name = diskPathFromBytes(entry.name);
      const path = below + name;
      if (entry.isSymbolicLink() && !follow) return linkAt(name, path);
      if (entry.isDirectory() && !follow) return { name, kind: 'folder', length: 0 };
      if (entry.isFile() || entry.isDirectory() || entry.isSymbolicLink()) return entryAt(name, path, follow);
      return { name, kind: 'special', length: 0 };
    });
    return { entries, hidden: all.length - wanted.length };
  } catch (thrown) {
    return { entries: [], hidden: 0, failure: systemFailureOf(thrown) };
  }
}

function linkAt(name: string, path: string): FoundEntry {
  try {
    const text = diskPathFromBytes(patiently(() => readlinkSync(fsPath(path), 'buffer')));
    return { name, kind: 'link', length: 0, text };
  } catch (thrown) {
    return { name, kind: 'failure', length: 0, failure: systemFailureOf(thrown) };
  }
}

function entryAt(name: string, path: string, follow: boolean): FoundEntry {
  try {
    const stats = patiently(() => (follow ? statSync(fsPath(path)) : lstatSync(fsPath(path))));
    if (stats.isDirectory()) return { name, kind: 'folder', length: 0, ...(follow && { text: idOf(stats) }) };
    if (!stats.isFile()) return { name, kind: 'special', length: 0 };
    return { name, kind: isExecutable(stats) ? 'executable' : 'file', length: stats.size };
  } catch (thrown) {
    return { name, kind: 'failure', length: 0, failure: systemFailureOf(thrown) };
  }
}

/** Tells whether the owner of a file may execute it. */
export function isExecutable({ mode }: Pick<Stats, 'mode'>): boolean {
  return (mode & OWNER_EXECUTES) !== 0;
}

/** Makes a text that tells a folder from all others, whatever paths lead to it. */
export function idOf({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

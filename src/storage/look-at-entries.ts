import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { type FileKind, kindOf } from '../files/index.ts';
import { diskPathFromBytes, fsPath } from '../util/index.ts';
import { inParallel } from './in-parallel.ts';
import { foldersOf, type StoredEntries } from './stored-entries.ts';

/** The bit of a file's mode that lets its owner run it. */
const OWNER_MAY_RUN = 0o100;

/**
 * The faults of an entry that show without reading a file:
 *
 * - `missing`: nothing has its name
 * - `unreadable`: this user may not look into its folder, or not read it
 * - `kind`: something of another kind has its name, such as a folder in the place of a file
 * - `size`: a file has another size
 * - `mode`: a file can be run as a program and should not be, or the other way round
 * - `target`: a link has another text
 */
type EntryFault = 'missing' | 'unreadable' | 'kind' | 'size' | 'mode' | 'target';

/** The error codes of a place that may have an entry, although it cannot be looked at. */
const UNREADABLE = ['EACCES', 'EPERM', 'EIO'];

/** An entry of a torrent that is not on the disk as it should be. */
export interface FaultyEntry {
  /** The list of the entry; `folder` for a folder above other entries. */
  readonly of: 'files' | 'links' | 'emptyFolders' | 'folder';
  /** The index in the list; -1 for a `folder`. */
  readonly index: number;
  readonly path: string;
  readonly fault: EntryFault;
}

/** The options of {@link lookAtEntries}. */
export interface LookOptions {
  /** Whether the modes of files count. Disks with the rules of Windows have none. */
  readonly modes: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks at the entries of a torrent without reading a file or following a link.
 *
 * @param root the folder of the torrent
 * @returns the faults in the order of the lists; a file that has two is listed twice
 */
export async function lookAtEntries(
  entries: StoredEntries,
  root: string,
  { modes, signal }: LookOptions,
): Promise<FaultyEntry[]> {
  const faulty: FaultyEntry[] = [];
  const look = async (
    of: FaultyEntry['of'],
    wanted: FileKind,
    path: string,
    index: number,
    compare: (stats: Stats) => Iterable<EntryFault> | Promise<Iterable<EntryFault>>,
  ) => {
    let faults: Iterable<EntryFault>;
    try {
      const stats = await lstat(fsPath(path));
      faults = kindOf(stats) === wanted ? await compare(stats) : ['kind'];
    } catch (thrown) {
      // A missing folder above other entries is told by those.
      if (of === 'folder') return;
      const { code = '' } = thrown as NodeJS.ErrnoException;
      faults = [UNREADABLE.includes(code) ? 'unreadable' : 'missing'];
    }
    for (const fault of faults) faulty.push({ of, index, path, fault });
  };
  const emptyFolders = new Set(entries.emptyFolders.map(({ path }) => path));
  const folders = [...foldersOf(entries, root)].filter((path) => !emptyFolders.has(path));
  await inParallel(folders, (path) => look('folder', 'folder', path, -1, () => []), signal);
  const files = entries.files.entries();
  await inParallel(
    files,
    ([index, { path, length, isExecutable = false }]) =>
      look('files', 'file', path, index, ({ size, mode }) => {
        const mayRun = (mode & OWNER_MAY_RUN) !== 0;
        const faults: EntryFault[] = size === length ? [] : ['size'];
        if (modes && mayRun !== isExecutable) faults.push('mode');
        return faults;
      }),
    signal,
  );
  await inParallel(
    entries.links.entries(),
    ([index, { path, target }]) =>
      look('links', 'symbolic link', path, index, async () =>
        (await textOfLink(path)) === target ? [] : ['target'],
      ),
    signal,
  );
  await inParallel(
    entries.emptyFolders.entries(),
    ([index, { path }]) => look('emptyFolders', 'folder', path, index, () => []),
    signal,
  );
  return faulty.sort((a, b) => ORDER.indexOf(a.of) - ORDER.indexOf(b.of) || a.index - b.index);
}

const ORDER: readonly FaultyEntry['of'][] = ['folder', 'files', 'links', 'emptyFolders'];

/** Reads the text of a symbolic link, in the form of `diskPathFromBytes()`. @throws the system's error */
export async function textOfLink(path: string): Promise<string> {
  const text = diskPathFromBytes(await readlink(fsPath(path), { encoding: 'buffer' }));
  return process.platform === 'win32' ? text.replaceAll('\\', '/') : text;
}

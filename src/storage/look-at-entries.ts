import { lstat, readlink } from 'node:fs/promises';
import { type FileKind, type FoundName, lookAtName, type ManyFiles } from '../files/index.ts';
import { diskPathFromBytes, fsPath } from '../util/index.ts';
import { inParallel } from './in-parallel.ts';
import { foldersOf, type StoredEntries, type StoredLink } from './stored-entries.ts';

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
  readonly many: ManyFiles;
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
  { modes, many, signal }: LookOptions,
): Promise<FaultyEntry[]> {
  const emptyFolders = new Set(entries.emptyFolders.map(({ path }) => path));
  const folders = [...foldersOf(entries, root)].filter((path) => !emptyFolders.has(path));
  const faulty: FaultyEntry[] = [];
  const look = async <T extends { readonly path: string }>(
    of: FaultyEntry['of'],
    wanted: FileKind,
    list: readonly T[],
    compare: (found: FoundName, entry: T) => readonly EntryFault[] = () => [],
  ) => {
    const found = await many.look(
      list.map(({ path }) => path),
      signal,
    );
    for (const [at, entry] of list.entries()) {
      const there = found[at];
      const index = of === 'folder' ? -1 : at;
      // A missing folder above other entries is told by those.
      if (there === undefined && of === 'folder') continue;
      const faults =
        there === undefined
          ? [await whyUnseen(entry.path)]
          : there.kind === wanted
            ? compare(there, entry)
            : OF_OTHER_KIND;
      for (const fault of faults) faulty.push({ of, index, path: entry.path, fault });
    }
  };
  await look(
    'folder',
    'folder',
    folders.map((path) => ({ path })),
  );
  await look('files', 'file', entries.files, ({ size, mode }, { length, isExecutable = false }) => {
    const mayRun = (mode & OWNER_MAY_RUN) !== 0;
    const faults: EntryFault[] = size === length ? [] : ['size'];
    if (modes && mayRun !== isExecutable) faults.push('mode');
    return faults;
  });
  const texts = await textsOf(entries.links, signal);
  await look('links', 'symbolic link', entries.links, (_, link) =>
    texts.get(link) === link.target ? [] : ['target'],
  );
  await look('emptyFolders', 'folder', entries.emptyFolders);
  return faulty;
}

const OF_OTHER_KIND: readonly EntryFault[] = ['kind'];

/** Finds out why a name cannot be seen. */
async function whyUnseen(path: string): Promise<EntryFault> {
  return lstat(fsPath(path)).then(
    () => 'missing' as const,
    ({ code = '' }: NodeJS.ErrnoException) => (UNREADABLE.includes(code) ? 'unreadable' : 'missing'),
  );
}

/** Reads the texts of the links that are there and can be read. @throws the signal's reason */
async function textsOf(links: readonly StoredLink[], signal?: AbortSignal): Promise<Map<StoredLink, string>> {
  const texts = new Map<StoredLink, string>();
  await inParallel(
    links,
    async (link) => {
      if ((await lookAtName(link.path)) !== 'symbolic link') return;
      const text = await textOfLink(link.path).catch(() => undefined);
      if (text !== undefined) texts.set(link, text);
    },
    signal,
  );
  return texts;
}

/** Reads the text of a symbolic link, in the form of `diskPathFromBytes()`. @throws the system's error */
export async function textOfLink(path: string): Promise<string> {
  const text = diskPathFromBytes(await readlink(fsPath(path), { encoding: 'buffer' }));
  return process.platform === 'win32' ? text.replaceAll('\\', '/') : text;
}

import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  findWritableName,
  meansFolder,
  realPathOf,
  realPathOfNew,
  type WritableName,
} from '../files/index.ts';
import { diskPlatformAt } from '../hashing/index.ts';
import {
  type DiskPlatform,
  deliveredNameOf,
  type EntryPath,
  type EntryPlaces,
  type Metainfo,
  namesOn,
  placesOf,
} from '../metainfo/index.ts';
import {
  type Part,
  type PlacedEntries,
  planPart,
  requireReplaceableFolder,
  StorageError,
  type StoredEntries,
  storeEntries,
} from '../storage/index.ts';
import type { GetOptions, RenamedFile } from './get-options.ts';
import { linkTextsOf } from './link-texts.ts';

/** The attempt, for messages. */
const ACTION = 'download to';

/** The place where a torrent goes, the kind of thing that is there already, and the files that get other names. */
export interface PlannedOutput {
  readonly part: Part;
  /** The entries of the torrent at their places in the output. */
  readonly delivered: StoredEntries;
  /** The entries at the places beside the output where a repair makes files anew, below `part.repairPath`. */
  readonly beside: StoredEntries;
  /** The thing that is at the output's path now. `taken` is a folder with something in it. */
  readonly found: 'nothing' | 'file' | 'taken';
  /** Whether the user has named the file that is there, or allowed replacing it. */
  readonly mayReplace: boolean;
  /** Whether the file or folder that is there is mended in place. */
  readonly mayRepair: boolean;
  /** The folder that is there and will be replaced as a whole; `undefined` if none is. */
  readonly replaces: string | undefined;
  /** Whether the disk has modes of files, which say who may run them. */
  readonly hasModes: boolean;
  /** The links that would lead outside on this disk, by their paths on it, and are left out. */
  readonly unsafeLinks: readonly string[];
  /** The files with other names than in the torrent, in the order of the torrent. */
  readonly renamed: readonly RenamedFile[];
}

/**
 * Decides where a torrent goes:
 *
 * - An output that ends in a slash is a folder, and the torrent goes into it under its own name.
 * - If the output is an existing folder, a single file goes into it under the torrent's name, as with `cp`.
 * - If the output is an empty folder, it becomes the folder of a torrent of several files.
 *
 * A symbolic link is followed. Names are those of the torrent as far as the disk can hold them, see `diskPathsOf()`. If the
 * torrent names the output, that name does not begin with a dot, see `deliveredNameOf()`.
 *
 * @param options the `output` as the user gave it, by default the torrent's name in the current folder; and `replace`,
 * whether a file is replaced even if the torrent chooses its name, and a folder as a whole; and `repair`, whether what is
 * there is mended in place
 * @throws {StorageError} NOT_WRITABLE when something is in the way; and the signal's reason
 */
export async function planOutput(
  metainfo: Metainfo,
  {
    output,
    replace = false,
    repair = false,
    signal,
  }: Pick<GetOptions, 'output' | 'replace' | 'repair' | 'signal'>,
): Promise<PlannedOutput> {
  const { isSingleFile } = metainfo;
  const platform = await diskPlatformAt(resolve(output ?? '.'));
  const ownName = deliveredNameOf(metainfo.name, platform);
  const name = await nameOf(isSingleFile, ownName, output);
  const isNameOfTorrent = name !== output;
  const { path, kind } = await writableName(name);
  // Placing many files takes a while, and so did reading their metainfo.
  signal?.throwIfAborted();
  const places = isSingleFile
    ? { files: [[isNameOfTorrent ? ownName : metainfo.name]], links: [], emptyFolders: [] }
    : placesOf(metainfo, platform);
  const { placed, unsafeLinks } = placeEntries(metainfo, places, platform);
  const realFolder = await realFolderOf(path);
  const part = planPart(path, isSingleFile, placed.files, realFolder, placed);
  const store = (root: string) =>
    storeEntries(placed, root, isSingleFile, realFolder && join(realFolder, basename(root)));
  const found = await whatIsThere(isSingleFile, path, kind);
  const replaces = replace && found === 'taken' ? path : undefined;
  if (replaces !== undefined) await requireReplaceableFolder(resolve(name), replaces);
  return {
    part,
    delivered: store(path),
    beside: store(part.repairPath),
    found,
    mayReplace: replace || !isNameOfTorrent,
    mayRepair: repair && found !== 'nothing',
    replaces,
    hasModes: platform !== 'win32',
    unsafeLinks,
    renamed: renamedAmong(metainfo, places, platform),
  };
}

/** Joins the entries of a torrent with their places on a disk. */
function placeEntries(
  metainfo: Metainfo,
  places: EntryPlaces,
  platform: DiskPlatform,
): { readonly placed: PlacedEntries; readonly unsafeLinks: string[] } {
  const texts = linkTextsOf(metainfo, places, platform);
  const links = places.links.map((path, at) => ({ path, target: texts[at] }));
  return {
    placed: {
      files: metainfo.files.map(({ offset, length, attr }, at) => {
        return { path: places.files[at]!, offset, length, isExecutable: attr?.includes('x') ?? false };
      }),
      links: links.flatMap(({ path, target }) => (target === undefined ? [] : [{ path, target }])),
      emptyFolders: places.emptyFolders.map((path) => ({ path })),
    },
    unsafeLinks: links.filter(({ target }) => target === undefined).map(({ path }) => path.join('/')),
  };
}

/** Decides the path of the file or folder of the torrent. */
async function nameOf(isSingleFile: boolean, ownName: string, output = ownName): Promise<string> {
  const isFolderAsked = meansFolder(output);
  if (!isSingleFile && !isFolderAsked) return output;
  const { path, kind } = await writableName(output);
  if (isFolderAsked && kind === 'file') throw inTheWay(path, 'a file of that name is there, not a folder');
  return isFolderAsked || kind === 'folder' ? join(path, ownName) : output;
}

/** Finds what is at the output's path. @throws {StorageError} when it must not be replaced */
async function whatIsThere(
  isSingleFile: boolean,
  path: string,
  kind: WritableName['kind'],
): Promise<PlannedOutput['found']> {
  if (kind === undefined) return 'nothing';
  if (isSingleFile !== (kind === 'file')) throw inTheWay(path, `a ${kind} of that name is there`);
  if (isSingleFile) return 'file';
  if ((await readdir(path)).length > 0) return 'taken';
  if (await isMounted(path)) {
    throw inTheWay(path, `a disk is mounted there, and cannot be replaced; ${path}/ puts a folder into it`);
  }
  if ((await realPathOf(path)) === process.cwd()) {
    throw inTheWay(
      path,
      'it is the current folder, which another one cannot replace; ./ puts a folder into it',
    );
  }
  return 'nothing';
}

function renamedAmong(metainfo: Metainfo, places: EntryPlaces, platform: DiskPlatform): RenamedFile[] {
  const { files, symlinks, emptyFolders, isSingleFile, name } = metainfo;
  const entries: EntryPath[] = isSingleFile ? [{ path: [name] }] : [...files, ...symlinks, ...emptyFolders];
  const diskPaths = [...places.files, ...places.links, ...places.emptyFolders];
  const renamed: RenamedFile[] = [];
  for (const [at, entry] of entries.entries()) {
    const names = namesOn(entry, platform);
    // A path that does not change is the very same list.
    if (names === diskPaths[at]) continue;
    const diskPath = diskPaths[at]!.join('/');
    if (names.join('/') !== diskPath) renamed.push({ path: entry.path.join('/'), diskPath });
  }
  return renamed;
}

/** Checks that the output may be written. @throws {StorageError} */
async function writableName(path: string): Promise<WritableName> {
  try {
    return await findWritableName(ACTION, path);
  } catch (thrown) {
    throw StorageError.from(thrown, ACTION, path);
  }
}

/** Finds the path without links of the output's folder. @returns `undefined` when it cannot be looked at; using it tells why */
async function realFolderOf(path: string): Promise<string | undefined> {
  return realPathOfNew(dirname(path)).catch(() => undefined);
}

async function isMounted(path: string): Promise<boolean> {
  const [folder, above] = await Promise.all([stat(path), stat(dirname(path))]);
  return folder.dev !== above.dev;
}

function inTheWay(path: string, reason: string): StorageError {
  return new StorageError('NOT_WRITABLE', path, { action: ACTION, reason });
}

import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { contentIdOfTorrent, exactPathOf, linkTargetOf, type Metainfo, placesOf } from '../metainfo/index.ts';
import { diskPathFromBytes, fsPath } from '../util/index.ts';
import { diskPlatformAt } from './disk-platform.ts';
import { type FileListing, type FolderReader, listFiles } from './list-files.ts';
import { mapInTurns } from './map-in-turns.ts';
import type { VerifyResult } from './verify-files.ts';

/** A link or an empty folder that is not on disk as the torrent says. */
export interface EntryFault {
  readonly kind: 'link' | 'emptyFolder';
  /** The path as in the metainfo. */
  readonly path: readonly string[];
  /** `wrong`: a link leads elsewhere, or something else is in the place. */
  readonly fault: 'missing' | 'wrong';
}

/** The differences of a folder on disk from a torrent, besides what is in the files. */
export interface FolderCheck {
  readonly faults: readonly EntryFault[];
  /** The indexes of the files whose executable bit is not that of the torrent. */
  readonly wrongModes: ReadonlySet<number>;
  /** The paths below the folder, with `/`, of files, links and empty folders that are not of the torrent. They are no fault. */
  readonly extra: readonly string[];
}

/**
 * Compares the links, empty folders and executable bits of a folder with a torrent. The bits are compared only if the torrent has
 * a content id, because other programs may not write them, and on systems that have them.
 *
 * @param reader a hash pool
 * @param root the folder
 * @param verified the result of `HashPool.verifyFiles()`
 * @throws {HashingError} when the folder cannot be read
 * @throws the signal's reason
 */
export async function checkFolder(
  reader: FolderReader,
  metainfo: Metainfo,
  root: string,
  verified: VerifyResult,
  signal?: AbortSignal,
): Promise<FolderCheck> {
  const places = placesOf(metainfo, await diskPlatformAt(root));
  const links = await mapInTurns(
    metainfo.symlinks.map((symlink, at) => ({ symlink, place: places.links[at]! })),
    async ({ symlink, place }): Promise<EntryFault | undefined> => {
      const text = linkTargetOf(symlink);
      const found = await linkAt(join(root, ...place));
      if (text === undefined || found.text === text) return undefined;
      return { kind: 'link', path: symlink.path, fault: found.isMissing ? 'missing' : 'wrong' };
    },
  );
  const folders = await mapInTurns(
    metainfo.emptyFolders.map(({ path }, at) => ({ path, place: places.emptyFolders[at]! })),
    async ({ path, place }): Promise<EntryFault | undefined> => {
      const found = await folderAt(join(root, ...place));
      return found === 'folder' ? undefined : { kind: 'emptyFolder', path, fault: found };
    },
  );
  const listing = await listingOf(reader, root, signal);
  const known = new Set([
    ...verified.files.map(({ diskPath }) => diskPath),
    ...[...places.links, ...places.emptyFolders].map((place) => join(root, ...place)),
  ]);
  const extra = [...listing.files, ...listing.links, ...listing.emptyFolders]
    .filter(({ diskPath }) => !known.has(diskPath))
    .map((entry) => exactPathOf(entry).join('/'))
    .sort();
  const faults = [...links, ...folders].filter((fault) => fault !== undefined);
  return { faults, wrongModes: wrongModesIn(metainfo, verified, listing), extra };
}

/** Finds the files whose executable bit is not that of the torrent. */
function wrongModesIn(metainfo: Metainfo, verified: VerifyResult, { files }: Pick<FileListing, 'files'>) {
  const wrong = new Set<number>();
  if (process.platform === 'win32' || contentIdOfTorrent(metainfo) === undefined) return wrong;
  const bits = new Map(files.map(({ diskPath, isExecutable }) => [diskPath, isExecutable]));
  for (const [index, { diskPath }] of verified.files.entries()) {
    const isWanted = metainfo.files[index]!.attr?.includes('x') === true;
    if ((bits.get(diskPath) ?? isWanted) !== isWanted) wrong.add(index);
  }
  return wrong;
}

/** Reads the text of a link, which is `undefined` when no link is there. */
async function linkAt(path: string): Promise<{ readonly text?: string; readonly isMissing: boolean }> {
  return readlink(fsPath(path), 'buffer').then(
    (bytes) => ({ text: diskPathFromBytes(bytes), isMissing: false }),
    // The system says EINVAL for what is no link.
    (error: NodeJS.ErrnoException) => ({ isMissing: error.code !== 'EINVAL' }),
  );
}

async function folderAt(path: string): Promise<'folder' | 'missing' | 'wrong'> {
  return lstat(fsPath(path)).then(
    (stats) => (stats.isDirectory() ? 'folder' : 'wrong'),
    () => 'missing',
  );
}

/** Lists what is in the folder. A folder that cannot be read has told its files to be missing already. */
async function listingOf(
  reader: FolderReader,
  root: string,
  signal: AbortSignal | undefined,
): Promise<Pick<FileListing, 'files' | 'links' | 'emptyFolders'>> {
  const isThere = await readdir(fsPath(root)).then(
    () => true,
    () => false,
  );
  if (!isThere) return { files: [], links: [], emptyFolders: [] };
  return listFiles(reader, root, { hidden: true, signal });
}

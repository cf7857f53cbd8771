import { lstat, readdir, readlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { contentIdOfTorrent, exactPathOf, linkTargetOf, type Metainfo } from '../metainfo/index.ts';
import { diskPathFromBytes, fsPath } from '../util/index.ts';
import { listFiles } from './list-files.ts';
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

/** The bit of a file's mode by which its owner may execute it. */
const OWNER_EXECUTES = 0o100;

/**
 * Compares the links, empty folders and executable bits of a folder with a torrent. The bits are compared only if the torrent has
 * a content id, because other programs may not write them, and on systems that have them.
 *
 * @param root the folder
 * @param verified the result of `HashPool.verifyFiles()`
 * @throws {HashingError} when the folder cannot be read
 * @throws the signal's reason
 */
export async function checkFolder(
  metainfo: Metainfo,
  root: string,
  verified: VerifyResult,
  signal?: AbortSignal,
): Promise<FolderCheck> {
  const links = await mapInTurns(metainfo.symlinks, async (symlink): Promise<EntryFault | undefined> => {
    const text = linkTargetOf(symlink);
    const found = await linkAt(join(root, ...exactPathOf(symlink)));
    if (text === undefined || found.text === text) return undefined;
    return { kind: 'link', path: symlink.path, fault: found.isMissing ? 'missing' : 'wrong' };
  });
  const folders = await mapInTurns(metainfo.emptyFolders, async (folder): Promise<EntryFault | undefined> => {
    const found = await folderAt(join(root, ...exactPathOf(folder)));
    if (found === 'folder') return undefined;
    return { kind: 'emptyFolder', path: folder.path, fault: found };
  });
  const wrongModes = new Set<number>();
  if (process.platform !== 'win32' && contentIdOfTorrent(metainfo) !== undefined) {
    const found = await mapInTurns(verified.files, ({ diskPath }) =>
      lstat(fsPath(diskPath)).catch(() => undefined),
    );
    for (const [index, stats] of found.entries()) {
      const isWanted = metainfo.files[index]!.attr?.includes('x') === true;
      if (stats !== undefined && ((stats.mode & OWNER_EXECUTES) !== 0) !== isWanted) wrongModes.add(index);
    }
  }
  const faults = [...links, ...folders].filter((fault) => fault !== undefined);
  return { faults, wrongModes, extra: await extraIn(metainfo, root, verified, signal) };
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

async function extraIn(
  metainfo: Metainfo,
  root: string,
  verified: VerifyResult,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const known = new Set(verified.files.map(({ diskPath }) => relative(root, diskPath).replaceAll(sep, '/')));
  for (const entry of [...metainfo.symlinks, ...metainfo.emptyFolders])
    known.add(exactPathOf(entry).join('/'));
  // A folder that cannot be read has told its files to be missing already.
  const isThere = await readdir(fsPath(root)).then(
    () => true,
    () => false,
  );
  if (!isThere) return [];
  const { files, links, emptyFolders } = await listFiles(root, { hidden: true, signal });
  return [...files, ...links, ...emptyFolders]
    .map((entry) => exactPathOf(entry).join('/'))
    .filter((path) => !known.has(path))
    .sort();
}

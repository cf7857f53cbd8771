import { access, constants } from 'node:fs/promises';
import { checkPaths } from '../metainfo/index.ts';
import { fsPath, printable, toError } from '../util/index.ts';
import { HashingError, unreadable } from './errors.ts';
import type { ListedEntry, ListedFile, ListedLink } from './list-files.ts';
import { mapInTurns } from './map-in-turns.ts';

/** The files, links and empty folders of a folder that is to be a torrent. */
export interface ListedFolder {
  readonly files: readonly ListedFile[];
  readonly links: readonly ListedLink[];
  readonly emptyFolders: readonly ListedEntry[];
}

/**
 * Finds what in a folder cannot go into a torrent: files that cannot be opened, links that lead out of the folder, and what
 * has a name that no torrent may have. It reads no bytes, so that all of them are known before hours of hashing.
 *
 * @returns one error for each of them
 */
export async function findUnusable({ files, links, emptyFolders }: ListedFolder): Promise<HashingError[]> {
  const faults = [
    ...(await mapInTurns(files, async (file) => nameFault(file) ?? (await accessFault(file)))),
    ...links.map((link) => nameFault(link) ?? linkFault(link)),
    ...emptyFolders.map(nameFault),
  ];
  return faults.filter((fault) => fault !== undefined);
}

function nameFault(entry: ListedEntry): HashingError | undefined {
  const { diskPath } = entry;
  try {
    checkPaths({ files: [entry] });
    return undefined;
  } catch (cause) {
    return new HashingError('BAD_NAME', `Cannot use ${diskPath}: ${toError(cause).message}`, {
      path: diskPath,
      cause,
    });
  }
}

function linkFault({ diskPath, linkText, target }: ListedLink): HashingError | undefined {
  if (target !== undefined) return undefined;
  const found = `it is a symbolic link that leads out of the folder, to ${printable(linkText)}`;
  return new HashingError('LINK_OUTSIDE', `Cannot use ${diskPath}: ${found}`, { path: diskPath });
}

async function accessFault({ diskPath }: ListedFile): Promise<HashingError | undefined> {
  try {
    await access(fsPath(diskPath), constants.R_OK);
    return undefined;
  } catch (thrown) {
    return unreadable(diskPath, toError(thrown));
  }
}

import { access, constants } from 'node:fs/promises';
import { checkPaths } from '../metainfo/index.ts';
import { fsPath, toError } from '../util/index.ts';
import { HashingError, unreadable } from './errors.ts';
import { findDoubled } from './find-doubled.ts';
import type { ListedFile } from './list-files.ts';
import { mapInTurns } from './map-in-turns.ts';

/**
 * Finds the files of a folder that cannot go into a torrent, because no torrent may have their names or they cannot be
 * opened. It reads no bytes, so that all of them are known before hours of hashing.
 *
 * @returns one error for each of the files
 */
export async function findUnusable(files: readonly ListedFile[]): Promise<readonly HashingError[]> {
  const doubled = findDoubled(files);
  const faults = await mapInTurns(
    files,
    async (file) => nameFault(file) ?? doubled.get(file.diskPath) ?? (await accessFault(file)),
  );
  return faults.filter((fault) => fault !== undefined);
}

function nameFault({ path, diskPath }: ListedFile): HashingError | undefined {
  try {
    checkPaths({ files: [{ path }] });
    return undefined;
  } catch (cause) {
    return new HashingError('BAD_NAME', `Cannot use ${diskPath}: ${toError(cause).message}`, {
      path: diskPath,
      cause,
    });
  }
}

async function accessFault({ diskPath }: ListedFile): Promise<HashingError | undefined> {
  try {
    await access(fsPath(diskPath), constants.R_OK);
    return undefined;
  } catch (thrown) {
    return unreadable(diskPath, toError(thrown));
  }
}

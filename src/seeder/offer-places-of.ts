import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskPathsAt, type FolderReader, listFiles, torrentRootAt } from '../hashing/index.ts';
import { diskNameOf } from '../metainfo/index.ts';
import { fileVersion, fsPath } from '../util/index.ts';
import type { FolderSource, OfferedFile, OfferSource } from './offer.ts';

/** A place where a file is looked for. */
export type OfferPlace = Omit<OfferedFile, 'version'>;

/**
 * Makes a function that finds the places of a source's files, which need not exist. A torrent's files may turn up in a folder
 * of its name. The function searches anew only when the folders have changed, because a search for 100,000 files takes too
 * long to be made each second.
 */
export function offerPlacesOf(
  source: OfferSource,
  reader: FolderReader,
): () => Promise<readonly OfferPlace[]> {
  if (source.kind === 'file') return () => Promise.resolve([source]);
  if (source.kind === 'folder') return () => placesIn(source, reader);
  const { metainfo, data } = source;
  const folders = [data, join(data, diskNameOf(metainfo.name, 'linux'))];
  let found: { readonly folderStates: string; readonly places: readonly OfferPlace[] } | undefined;
  return async () => {
    const folderStates = (await Promise.all(folders.map(folderStateOf))).join('\n');
    if (found?.folderStates !== folderStates) {
      const paths = await diskPathsAt(metainfo, await torrentRootAt(metainfo, data));
      found = { folderStates, places: paths.map((path) => ({ path })) };
    }
    return found.places;
  };
}

/** Lists the files of a folder. @returns the folder itself, which is no file, when it cannot be listed */
async function placesIn(
  { path, hidden, follow }: FolderSource,
  reader: FolderReader,
): Promise<readonly OfferPlace[]> {
  const { files } = await listFiles(reader, path, { hidden, follow }).catch(() => ({ files: [] }));
  if (files.length === 0) return [{ path }];
  return files.map(({ diskPath, realPath }) => ({
    path: diskPath,
    ...(realPath !== undefined && { realPath }),
  }));
}

async function folderStateOf(path: string): Promise<string> {
  return stat(fsPath(path), { bigint: true }).then(fileVersion, () => 'none');
}

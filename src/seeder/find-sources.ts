import { basename, resolve } from 'node:path';
import { lookAtName, realPathOfNew } from '../files/index.ts';
import {
  describeLeftOut,
  type FileListing,
  type FolderReader,
  type LeftOut,
  type ListedFile,
  listFiles,
} from '../hashing/index.ts';
import type { MetainfoVersion } from '../metainfo/index.ts';
import type { FolderSource, OfferSource } from './offer.ts';
import { explainFailure, SeederError } from './seeder-error.ts';
import type { SeederOptions } from './seeder-options.ts';

/** A file or torrent that is to be offered. */
export interface OfferCandidate {
  readonly source: OfferSource;
  readonly name: string;
  /** The path for messages. */
  readonly path: string | undefined;
  /** Bytes. */
  readonly length: number;
}

/** The options that decide which sources there are at the paths. */
export type FindOptions = SeederOptions & { readonly version: MetainfoVersion };

/** A source that could not be looked at. If it is a folder, it will never be found to be a file that can be offered. */
interface UnseenSource {
  readonly source: OfferSource;
  readonly reason: SeederError;
}

/** The files, or with `asOne` the folders, at the paths. */
export interface FoundSources {
  readonly candidates: readonly OfferCandidate[];
  readonly unseen: readonly UnseenSource[];
  readonly leftOut: readonly LeftOut[];
  /** Whether there is something at one of the paths. */
  readonly isAnyThere: boolean;
}

/** Finds what is at the paths, each file once. @param reader a hash pool @param notOffered gets the errors of what cannot be looked at */
export async function findSources(
  reader: FolderReader,
  paths: readonly string[],
  options: FindOptions,
  notOffered: SeederError[],
): Promise<FoundSources> {
  const { hidden = false, follow = false, asOne = false, signal } = options;
  const candidates = new Map<string, OfferCandidate>();
  const unseen: UnseenSource[] = [];
  const leftOut: LeftOut[] = [];
  let isAnyThere = false;
  for (const path of paths) {
    try {
      const listing = await listFiles(reader, path, { hidden, follow, signal });
      isAnyThere = true;
      // A link or an empty folder is not offered by itself.
      const links = listing.links.length;
      const emptyFolders = listing.emptyFolders.length;
      const left = { ...listing.leftOut, links, emptyFolders };
      if (listing.files.length + listing.failures.length === 0) {
        leftOut.push(left);
        notOffered.push(noFilesIn(path, left));
      } else if (asOne && listing.files[0]?.path.length !== 0) {
        candidates.set(resolve(path), folderCandidate(path, listing, options));
      } else {
        leftOut.push(left);
        for (const file of listing.files)
          candidates.set(resolve(file.diskPath), fileCandidate(file, options));
        for (const failure of listing.failures) {
          const reason = explainFailure(failure)!;
          notOffered.push(reason);
          unseen.push({ source: await sourceOf(failure.path!, options), reason });
        }
      }
    } catch (thrown) {
      const reason = explainFailure(thrown, path);
      if (reason === undefined) throw thrown;
      notOffered.push(reason);
      unseen.push({ source: asOne ? folderSourceOf(path, options) : await sourceOf(path, options), reason });
    }
  }
  return { candidates: [...candidates.values()], unseen, leftOut, isAnyThere };
}

function noFilesIn(path: string, left: LeftOut): SeederError {
  const others = describeLeftOut(left);
  const found = others === undefined ? 'and nothing else' : `but ${others}`;
  const follow = left.links > 0 ? '. To take what links lead to in their place, give --follow' : '';
  return new SeederError('NO_FILES', `Cannot seed ${path}: there is no file in it, ${found}${follow}`, {
    path,
  });
}

function fileCandidate(
  { diskPath, realPath, length }: ListedFile,
  { version, name }: FindOptions,
): OfferCandidate {
  return {
    source: {
      kind: 'file',
      path: diskPath,
      ...(realPath === undefined ? {} : { realPath }),
      ...(name === undefined ? {} : { name }),
      version,
    },
    name: name ?? basename(diskPath),
    path: diskPath,
    length,
  };
}

function folderCandidate(path: string, { files }: FileListing, options: FindOptions): OfferCandidate {
  return {
    source: folderSourceOf(path, options),
    name: options.name ?? basename(resolve(path)),
    path,
    length: files.reduce((sum, { length }) => sum + length, 0),
  };
}

/** Makes the source of a folder that is offered as one. */
export function folderSourceOf(
  path: string,
  { version = 'v1', name, hidden = false, follow = false, skipUnreadable = false }: SeederOptions,
): FolderSource {
  return { kind: 'folder', path, version, name, hidden, follow, skipUnreadable };
}

/** Makes the source of a file that cannot be looked at now. */
async function sourceOf(path: string, { follow = false, version }: FindOptions): Promise<OfferSource> {
  return { kind: 'file', path, ...(await placeOf(path, follow)), version };
}

/** Finds the path without links that a missing file must have. A link that is there already is followed. */
async function placeOf(path: string, follow: boolean): Promise<{ readonly realPath?: string }> {
  if (follow || (await lookAtName(path)) === 'symbolic link') return {};
  const realPath = await realPathOfNew(path).catch(() => undefined);
  return realPath === undefined ? {} : { realPath };
}

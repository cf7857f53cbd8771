import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { resolve } from 'node:path';
import {
  diskPathsAt,
  type FileListing,
  type FolderReader,
  listFiles,
  torrentRootAt,
} from '../hashing/index.ts';
import { diskPathToBytes } from '../util/index.ts';
import type { FolderSource, OfferSource } from './offer.ts';
import type { OfferPlace } from './offer-places-of.ts';
import { lookAtEach, type SeenFiles, sumUp } from './seen-files.ts';

/** The files of a source as they are now. */
export interface SourceSight extends SeenFiles {
  /** The file or folder. */
  readonly path: string;
  /** The listing of a folder. */
  readonly listing?: FileListing;
  /** Whether all files can be looked at and read. */
  readonly isWhole: boolean;
}

/**
 * Looks at the files of a source, without reading them.
 *
 * @returns `undefined` when they cannot be looked at, so that reading them tells why
 */
export async function lookAtSource(
  reader: FolderReader,
  source: OfferSource,
): Promise<SourceSight | undefined> {
  try {
    if (source.kind === 'folder') return await lookAtFolder(reader, source);
    const { path, places } = await placesNow(source);
    const stats = await lookAtEach(places);
    if (!areAllThere(stats)) return undefined;
    return { path, places, stats, ...sumUp(places, stats), isWhole: true };
  } catch {
    return undefined;
  }
}

/** Makes a name for a source and its options that is the same at every start. */
export function cacheKeyOf(source: OfferSource): Uint8Array {
  const { kind } = source;
  const hash = createHash('sha256').update(`${kind}\0`);
  if (kind === 'torrent') {
    hash.update(createHash('sha256').update(source.torrent).digest());
    return hash.update(diskPathToBytes(resolve(source.data))).digest();
  }
  hash.update(`${source.version}\0${source.name ?? ''}\0`);
  if (kind === 'folder') {
    const { hidden, follow, skipUnreadable } = source;
    hash.update(`${hidden}\0${follow}\0${skipUnreadable}\0`);
  }
  return hash.update(diskPathToBytes(resolve(source.path))).digest();
}

async function placesNow(source: Exclude<OfferSource, FolderSource>) {
  if (source.kind === 'file') return { path: source.path, places: [source] };
  const { metainfo, data } = source;
  const path = await torrentRootAt(metainfo, data);
  return { path, places: (await diskPathsAt(metainfo, path)).map((file) => ({ path: file })) };
}

/** Looks at all that is in a folder. Files that cannot be used are a part of its state. */
async function lookAtFolder(reader: FolderReader, source: FolderSource): Promise<SourceSight> {
  const { path, hidden, follow } = source;
  const listing = await listFiles(reader, path, { hidden, follow });
  const listed = listing.files.map(
    ({ diskPath, realPath }): OfferPlace => ({ path: diskPath, ...(realPath !== undefined && { realPath }) }),
  );
  const found = await lookAtEach(listed);
  const places = listed.filter((_, at) => found[at] !== undefined);
  const stats = found.filter((file) => file !== undefined);
  const unusable = [
    ...listing.failures.map(({ path: failed }) => failed),
    ...listed.filter((_, at) => found[at] === undefined).map(({ path: failed }) => failed),
  ];
  const more = JSON.stringify([
    unusable,
    listing.links.map(({ path: link, linkText }) => [link, linkText]),
    listing.emptyFolders.map(({ path: folder }) => folder),
  ]);
  return { path, places, stats, ...sumUp(places, stats, more), listing, isWhole: unusable.length === 0 };
}

function areAllThere(stats: readonly (BigIntStats | undefined)[]): stats is readonly BigIntStats[] {
  return stats.every((found) => found !== undefined);
}

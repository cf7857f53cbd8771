import { join, relative } from 'node:path';
import { realPathOf } from '../files/index.ts';
import { createTorrent, type HashPool, type HashProgress } from '../hashing/index.ts';
import { contentIdOfTorrent, type Metainfo } from '../metainfo/index.ts';
import { MAX_REGISTERED_METAINFO_BYTES } from '../tracker-protocol/index.ts';
import { fileVersion, formatSize } from '../util/index.ts';
import type { FolderSource, Offer } from './offer.ts';
import { explainFailure, SeederError } from './seeder-error.ts';
import { lookAtEach } from './seen-files.ts';

/**
 * Reads the files of a folder and makes one offer of all of them.
 *
 * @throws {SeederError} `DISK` when they change meanwhile; `USAGE` when no tracker would take the `.torrent`
 * @throws {HashingError} when some cannot be used, which `failures` lists
 * @throws {MetainfoError} for a name that no torrent may have
 * @throws the signal's reason
 */
export async function offerFolder(
  pool: HashPool,
  source: FolderSource,
  progress: HashProgress,
): Promise<Offer> {
  const { path, version, name, hidden, follow, skipUnreadable } = source;
  const realRoot = follow ? undefined : await realPathOf(path).catch(() => undefined);
  const { metainfo, bytes, files, leftOut, skipped } = await createTorrent(pool, path, {
    version,
    hidden,
    follow,
    skipUnreadable,
    sha256: true,
    onLeastBytes: (least) => requireRegistrable(path, least),
    ...(name === undefined ? {} : { name }),
    ...progress,
  });
  requireRegistrable(path, bytes.length);
  const offered = files.map(({ diskPath, version: hashed }) => ({
    path: diskPath,
    version: hashed,
    ...(realRoot === undefined ? {} : { realPath: join(realRoot, relative(path, diskPath)) }),
  }));
  // This check comes after the read: a link may have led to another file meanwhile.
  const seen = await lookAtEach(offered);
  const changed = offered.find(
    (file, at) => seen[at] === undefined || fileVersion(seen[at]) !== file.version,
  );
  if (changed !== undefined) {
    const message = `Cannot seed ${path}: ${changed.path} changed while it was read, or a symbolic link has taken its place`;
    throw new SeederError('DISK', message, { path });
  }
  return {
    source,
    metainfo,
    torrent: bytes,
    path,
    files: offered,
    ...idsOf(metainfo, files[0]?.sha256),
    leftOut,
    skipped: skipped.map((failure) => explainFailure(failure)!),
  };
}

/** Finds the content id of a torrent of several files, as a field of an offer; an empty object when it has none. */
export function contentIdIn(metainfo: Metainfo): Pick<Offer, 'contentId'> {
  const contentId = contentIdOfTorrent(metainfo);
  return contentId === undefined ? {} : { contentId };
}

function idsOf(metainfo: Metainfo, sha256: string | undefined): Pick<Offer, 'sha256' | 'contentId'> {
  if (!metainfo.isSingleFile) return contentIdIn(metainfo);
  return sha256 === undefined ? {} : { sha256 };
}

/**
 * Checks that a tracker takes the `.torrent` of a folder, because nobody finds a folder that is not registered.
 *
 * @param bytes its bytes, or the least that they will be
 * @throws {SeederError} `USAGE`
 */
export function requireRegistrable(path: string, bytes: number): void {
  if (bytes <= MAX_REGISTERED_METAINFO_BYTES) return;
  const message = `Cannot offer ${path} as one: its .torrent has ${formatSize(bytes)} or more, and a tracker takes at most ${formatSize(MAX_REGISTERED_METAINFO_BYTES)}. Offer the folders in it, each as one`;
  throw new SeederError('USAGE', message, { path });
}

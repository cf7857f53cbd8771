import { basename, resolve } from 'node:path';
import { type FileListing, type HashPool, type HashProgress, nameInTorrent } from '../hashing/index.ts';
import { type Metainfo, parseMetainfo } from '../metainfo/index.ts';
import { fileVersion, fromHex, toHex } from '../util/index.ts';
import { contentIdIn } from './folder-offer.ts';
import type { CachedHashes, HashCache } from './hash-cache/index.ts';
import { makeOffer, type Offer, type OfferSource } from './offer.ts';
import { cacheKeyOf, lookAtSource, type SourceSight } from './source-sight.ts';

/** The parts that making offers needs. */
export interface OfferMaking {
  readonly pool: HashPool;
  /** The cache of what was hashed before; `undefined` to read all files. */
  readonly cache: HashCache | undefined;
  /** Tells the time in milliseconds since 1970, by default that of the system. */
  readonly now?: () => number;
}

/**
 * Makes an offer like {@link makeOffer}, but reads no file if the cache has what was hashed of the files as they are now.
 *
 * @throws the errors of {@link makeOffer}
 */
export async function makeOfferCached(
  { pool, cache, now = Date.now }: OfferMaking,
  source: OfferSource,
  progress: HashProgress,
): Promise<Offer> {
  const before = await lookAtSource(pool, source);
  if (before === undefined) return makeOffer(pool, source, progress);
  const key = cacheKeyOf(source);
  const found = before.isWhole ? await cache?.find(key, before.state) : undefined;
  const kept = found && offerFrom(source, before, found);
  if (kept !== undefined) {
    progress.onProgress?.(kept.metainfo.length);
    return kept;
  }
  const startedAt = now();
  const offer = withChangeTimes(await makeOffer(pool, source, progress), before);
  const after = await lookAtSource(pool, source);
  if (after === undefined || !Buffer.from(after.state).equals(before.state)) return offer;
  if (before.isWhole && before.quietSince <= startedAt && isOfferOf(offer, after)) {
    const { sha256 } = offer;
    cache?.keep(key, before.state, {
      torrent: source.kind === 'torrent' ? new Uint8Array() : offer.torrent,
      id: sha256 === undefined ? undefined : fromHex(sha256),
    });
  }
  return { ...offer, state: toHex(before.state) };
}

/** Adds the times at which the inodes of the files had changed before they were read. */
function withChangeTimes(offer: Offer, { places, stats }: SourceSight): Offer {
  const times = new Map(places.map(({ path }, at) => [path, stats[at]!.ctimeNs]));
  const files = offer.files.map((file) => {
    const changedNs = times.get(file.path);
    return changedNs === undefined ? file : { ...file, changedNs };
  });
  return { ...offer, files };
}

/** Makes an offer of what was hashed before. @returns `undefined` when that is not of these files, and so of no use */
function offerFrom(source: OfferSource, sight: SourceSight, found: CachedHashes): Offer | undefined {
  // The bytes are copied, because those of the cache are a part of a large file.
  const torrent = source.kind === 'torrent' ? source.torrent : new Uint8Array(found.torrent);
  const metainfo = source.kind === 'torrent' ? source.metainfo : metainfoFrom(source, sight, torrent);
  if (metainfo === undefined) return undefined;
  const { path, places, stats, listing } = sight;
  const sizes = metainfo.files.map(({ length }) => length);
  if (sizes.length !== places.length || sizes.some((size, at) => BigInt(size) !== stats[at]!.size)) {
    return undefined;
  }
  return {
    source,
    metainfo,
    torrent,
    path,
    state: toHex(sight.state),
    files: places.map((place, at) => ({
      path: place.path,
      version: fileVersion(stats[at]!),
      changedNs: stats[at]!.ctimeNs,
      ...(place.realPath === undefined ? {} : { realPath: place.realPath }),
    })),
    ...(found.id === undefined || !metainfo.isSingleFile ? {} : { sha256: toHex(found.id) }),
    ...contentIdIn(metainfo),
    ...(listing === undefined ? {} : { leftOut: listing.leftOut }),
  };
}

/** Parses a torrent of the cache, which somebody else may have written. @returns `undefined` when it is of other files */
function metainfoFrom(
  { path, version, name }: Exclude<OfferSource, { kind: 'torrent' }>,
  { listing }: SourceSight,
  torrent: Uint8Array,
): Metainfo | undefined {
  try {
    const metainfo = parseMetainfo(torrent);
    const isOfSource =
      metainfo.name === (name ?? nameInTorrent(basename(resolve(path)))) && metainfo.version === version;
    const isOfFiles = metainfo.isSingleFile
      ? listing === undefined || listing.files[0]?.path.length === 0
      : listing !== undefined && isOfListing(metainfo, listing);
    return isOfSource && isOfFiles ? metainfo : undefined;
  } catch {
    return undefined;
  }
}

function isOfListing({ files }: Metainfo, listing: FileListing): boolean {
  return files.every(({ path }, at) => path.join('/') === listing.files[at]?.path.join('/'));
}

/** Tells whether an offer has exactly the files that were seen, in their states. */
function isOfferOf({ path, files }: Offer, { path: seenPath, places, stats }: SourceSight): boolean {
  return (
    path === seenPath &&
    files.length === places.length &&
    files.every((file, at) => file.path === places[at]!.path && file.version === fileVersion(stats[at]!))
  );
}

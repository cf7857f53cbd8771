import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import {
  diskPathsAt,
  type HashPool,
  type HashProgress,
  nameInTorrent,
  torrentRootAt,
} from '../hashing/index.ts';
import { type Metainfo, parseMetainfo } from '../metainfo/index.ts';
import { diskPathToBytes, fileVersion, fromHex, toHex } from '../util/index.ts';
import type { CachedHashes, HashCache } from './hash-cache/index.ts';
import { makeOffer, type Offer, type OfferSource } from './offer.ts';
import type { OfferPlace } from './offer-places-of.ts';
import { lookAtFiles, type SeenFiles } from './seen-files.ts';

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
  const before = cache && (await sightOf(source));
  if (cache === undefined || before === undefined) return makeOffer(pool, source, progress);
  const { key, seen } = before;
  const found = await cache.find(key, seen.state);
  const kept = found && offerFrom(source, before, found);
  if (kept !== undefined) {
    progress.onProgress?.(kept.metainfo.length);
    return kept;
  }
  const startedAt = now();
  const offer = await makeOffer(pool, source, progress);
  const after = await sightOf(source);
  const isSame = after !== undefined && Buffer.from(after.seen.state).equals(seen.state);
  if (isSame && seen.quietSince <= startedAt && isOfferOf(offer, after)) {
    const { sha256 } = offer;
    cache.keep(key, seen.state, {
      torrent: source.kind === 'torrent' ? new Uint8Array() : offer.torrent,
      id: sha256 === undefined ? undefined : fromHex(sha256),
    });
  }
  return offer;
}

/** The files of a source as they are now. */
interface Sight {
  /** The key of the cache. */
  readonly key: Uint8Array;
  /** The file or folder. */
  readonly path: string;
  readonly places: readonly OfferPlace[];
  readonly seen: SeenFiles;
}

/** Looks at the files of a source. @returns `undefined` when they cannot be looked at, so that reading them tells why */
async function sightOf(source: OfferSource): Promise<Sight | undefined> {
  try {
    const { path, places } = await placesNow(source);
    const seen = await lookAtFiles(places);
    return seen && { key: keyOf(source), path, places, seen };
  } catch {
    return undefined;
  }
}

async function placesNow(source: OfferSource): Promise<Pick<Sight, 'path' | 'places'>> {
  if (source.kind === 'file') return { path: source.path, places: [source] };
  const { metainfo, data } = source;
  const path = await torrentRootAt(metainfo, data);
  return { path, places: (await diskPathsAt(metainfo, path)).map((file) => ({ path: file })) };
}

function keyOf(source: OfferSource): Uint8Array {
  const hash = createHash('sha256').update(`${source.kind}\0`);
  if (source.kind === 'torrent') hash.update(createHash('sha256').update(source.torrent).digest());
  else hash.update(`${source.version}\0`);
  const path = source.kind === 'torrent' ? source.data : source.path;
  return hash.update(diskPathToBytes(resolve(path))).digest();
}

/** Makes an offer of what was hashed before. @returns `undefined` when that is not of these files, and so of no use */
function offerFrom(source: OfferSource, sight: Sight, found: CachedHashes): Offer | undefined {
  // The bytes are copied, because those of the cache are a part of a large file.
  const torrent = source.kind === 'torrent' ? source.torrent : new Uint8Array(found.torrent);
  const metainfo = source.kind === 'torrent' ? source.metainfo : metainfoFrom(source, torrent);
  if (metainfo === undefined) return undefined;
  const { path, places, seen } = sight;
  const sizes = metainfo.files.map(({ length }) => length);
  if (sizes.length !== places.length || sizes.some((size, at) => BigInt(size) !== seen.stats[at]!.size)) {
    return undefined;
  }
  return {
    source,
    metainfo,
    torrent,
    path,
    files: places.map((place, at) => ({
      path: place.path,
      version: fileVersion(seen.stats[at]!),
      ...(place.realPath === undefined ? {} : { realPath: place.realPath }),
    })),
    ...(found.id === undefined || !metainfo.isSingleFile ? {} : { sha256: toHex(found.id) }),
  };
}

/** Parses a torrent of the cache, which somebody else may have written. @returns `undefined` when it is not of this file */
function metainfoFrom(
  { path, version }: Exclude<OfferSource, { kind: 'torrent' }>,
  torrent: Uint8Array,
): Metainfo | undefined {
  try {
    const metainfo = parseMetainfo(torrent);
    const isOfFile =
      metainfo.isSingleFile &&
      metainfo.name === nameInTorrent(basename(resolve(path))) &&
      metainfo.version === version;
    return isOfFile ? metainfo : undefined;
  } catch {
    return undefined;
  }
}

/** Tells whether an offer has exactly the files that were seen, in their states. */
function isOfferOf({ path, files }: Offer, { path: seenPath, places, seen }: Sight): boolean {
  return (
    path === seenPath &&
    files.length === places.length &&
    files.every((file, at) => file.path === places[at]!.path && file.version === fileVersion(seen.stats[at]!))
  );
}

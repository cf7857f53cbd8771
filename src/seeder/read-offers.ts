import { basename } from 'node:path';
import { lookAtName, realPathOfNew } from '../files/index.ts';
import { describeLeftOut, type LeftOut, listFiles, sumLeftOut } from '../hashing/index.ts';
import { parseMetainfo } from '../metainfo/index.ts';
import { makeOfferCached, type OfferMaking } from './cached-offer.ts';
import type { AwaitedSource, Offer, OfferSource } from './offer.ts';
import { offerPlacesOf } from './offer-places-of.ts';
import { lookAtFile, stateOf } from './offered-files.ts';
import { explainFailure, nothingToOffer, SeederError } from './seeder-error.ts';
import type { SeederOptions, TorrentWithData } from './seeder-options.ts';

/** The number of files that are read at once, so that many small ones keep all cores busy. */
const FILES_AT_ONCE = 4;

/** The files and torrents that can be seeded, and those that cannot. */
export interface Offers {
  /** The offers, at least one. Two may have the same info-hash, when files have the same name and content. */
  readonly offers: readonly Offer[];
  /** One error for each file, folder or torrent that cannot be offered. */
  readonly notOffered: readonly SeederError[];
  /** The ones of `notOffered` that may be offered later. */
  readonly awaited: readonly AwaitedSource[];
  readonly leftOut: LeftOut;
}

/** A file or torrent that is to be offered. */
interface OfferCandidate {
  readonly source: OfferSource;
  readonly name: string;
  /** The path for messages. */
  readonly path: string | undefined;
  /** Bytes. */
  readonly length: number;
}

/**
 * Reads all files and torrents that are to be seeded. One that cannot be read does not hold up the others.
 *
 * @throws {SeederError} when nothing can be offered
 * @throws the signal's reason
 */
export async function readOffers(making: OfferMaking, options: SeederOptions): Promise<Offers> {
  const { paths = [], torrents = [], version = 'v1' } = options;
  if (paths.length === 0 && torrents.length === 0) {
    throw new SeederError('USAGE', 'Cannot seed: no file, folder or torrent is given');
  }
  const notOffered: SeederError[] = [];
  const awaited: AwaitedSource[] = [];
  const found = await findFiles(paths, options, notOffered);
  for (const { reason, ...place } of found.unseen) {
    if (isAwaited(reason))
      awaited.push({ source: { kind: 'file', ...place, version }, path: place.path, reason });
  }
  const candidates = [
    ...found.files.map(({ path, realPath, length }): OfferCandidate => {
      const place = realPath === undefined ? { path } : { path, realPath };
      return { source: { kind: 'file', ...place, version }, name: basename(path), path, length };
    }),
    ...parseTorrents(torrents, notOffered),
  ];
  const offers = await makeOffers(making, candidates, options, (reason, source, state) => {
    notOffered.push(reason);
    if (isAwaited(reason)) awaited.push({ source, path: pathOf(source), state, reason });
  });
  if (offers.length === 0) throw nothingToOffer(notOffered);
  return { offers, notOffered, awaited, leftOut: found.leftOut };
}

/** Tells whether a failed offer may succeed later: the content of a file may change, but not its name. */
function isAwaited({ code }: SeederError): boolean {
  return code === 'DISK' || code === 'MISMATCH';
}

function pathOf(source: OfferSource): string {
  return source.kind === 'file' ? source.path : source.data;
}

interface FileToOffer {
  readonly path: string;
  /** The path without links; `undefined` if links are followed. */
  readonly realPath: string | undefined;
  /** Bytes. */
  readonly length: number;
}

/** A path that could not be looked at. If it is a folder, it will never be found to be a file that can be offered. */
interface UnseenFile {
  readonly path: string;
  /** The path without links that it must have; `undefined` if links are followed. */
  readonly realPath?: string;
  readonly reason: SeederError;
}

/** Finds the files of `paths`, each once. @param notOffered gets the errors of those that cannot be looked at */
async function findFiles(
  paths: readonly string[],
  { hidden = false, follow = false, signal }: SeederOptions,
  notOffered: SeederError[],
) {
  const files = new Map<string, FileToOffer>();
  const unseen: UnseenFile[] = [];
  const leftOut: LeftOut[] = [];
  for (const path of paths) {
    try {
      const listing = await listFiles(path, { hidden, follow, signal });
      // A link or an empty folder is not offered by itself.
      const links = listing.links.length;
      const emptyFolders = listing.emptyFolders.length;
      const left = { ...listing.leftOut, links, emptyFolders };
      leftOut.push(left);
      for (const { diskPath, realPath, length } of listing.files) {
        files.set(diskPath, { path: diskPath, realPath, length });
      }
      for (const failure of listing.failures) {
        const reason = explainFailure(failure)!;
        notOffered.push(reason);
        unseen.push({ path: failure.path!, ...(await placeOf(failure.path!, follow)), reason });
      }
      if (listing.files.length + listing.failures.length === 0) {
        const others = describeLeftOut(left) ?? 'nothing else either';
        const message = `Cannot seed ${path}: there is no file in it, but ${others}`;
        notOffered.push(new SeederError('NO_FILES', message, { path }));
      }
    } catch (thrown) {
      const failure = explainFailure(thrown, path);
      if (failure === undefined) throw thrown;
      notOffered.push(failure);
      unseen.push({ path, ...(await placeOf(path, follow)), reason: failure });
    }
  }
  return { files: [...files.values()], unseen, leftOut: sumLeftOut(leftOut) };
}

/** Finds the path without links that a missing file must have. A link that is there already is followed. */
async function placeOf(path: string, follow: boolean): Promise<{ readonly realPath?: string }> {
  if (follow || (await lookAtName(path)) === 'symbolic link') return {};
  const realPath = await realPathOfNew(path).catch(() => undefined);
  return realPath === undefined ? {} : { realPath };
}

/** Parses torrents made elsewhere. @param notOffered gets the errors of those that cannot be used */
function parseTorrents(torrents: readonly TorrentWithData[], notOffered: SeederError[]): OfferCandidate[] {
  return torrents.flatMap(({ torrent, data, path }) => {
    try {
      const metainfo = parseMetainfo(torrent);
      const { name, length } = metainfo;
      return [{ source: { kind: 'torrent', torrent, metainfo, data }, name, path, length }];
    } catch (thrown) {
      const failure = explainFailure(thrown, path);
      if (failure === undefined) throw thrown;
      notOffered.push(failure);
      return [];
    }
  });
}

/**
 * Makes the offers, in the order of the candidates.
 *
 * @param onFailed called with each candidate that cannot be offered, and the state of its files
 */
async function makeOffers(
  making: OfferMaking,
  candidates: readonly OfferCandidate[],
  { signal, onHashing }: SeederOptions,
  onFailed: (reason: SeederError, source: OfferSource, state: string | undefined) => void,
): Promise<readonly Offer[]> {
  const offers = new Map<number, Offer>();
  const total = candidates.reduce((sum, { length }) => sum + length, 0);
  let read = 0;
  const queue = candidates.entries();
  const readSome = async () => {
    for (const [at, { source, name, path }] of queue) {
      let done = 0;
      const onProgress = (bytes: number) => {
        read += bytes - done;
        done = bytes;
        onHashing?.({ done: read, total, name });
      };
      let state: string | undefined;
      try {
        // Files that do not match need not be read again until their state changes.
        if (source.kind === 'torrent') state = await stateOf(await offerPlacesOf(source)(), lookAtFile);
        offers.set(at, await makeOfferCached(making, source, { signal, onProgress }));
      } catch (thrown) {
        signal?.throwIfAborted();
        const failure = explainFailure(thrown, path);
        if (failure === undefined) throw thrown;
        onFailed(failure, source, state);
      }
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, readSome));
  return [...offers].sort(([a], [b]) => a - b).map(([, offer]) => offer);
}

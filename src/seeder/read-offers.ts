import { type LeftOut, sumLeftOut } from '../hashing/index.ts';
import { parseMetainfo } from '../metainfo/index.ts';
import { makeOfferCached, type OfferMaking } from './cached-offer.ts';
import { findSources, type OfferCandidate } from './find-sources.ts';
import type { AwaitedSource, Offer, OfferSource } from './offer.ts';
import { offerPlacesOf } from './offer-places-of.ts';
import { lookAtFile, stateOf } from './offered-files.ts';
import { explainFailure, nothingToOffer, SeederError, withReasons } from './seeder-error.ts';
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
  const awaitLater = (reason: SeederError, source: OfferSource, state?: string) => {
    // With `watch`, all that is at the paths is looked for anyway.
    const isWatched = options.watch === true && source.kind !== 'torrent';
    if (isAwaited(reason) && !isWatched) awaited.push({ source, path: pathOf(source), state, reason });
  };
  const found = await findSources(making.pool, paths, { ...options, version }, notOffered);
  for (const { reason, source } of found.unseen) awaitLater(reason, source);
  const candidates = [...found.candidates, ...parseTorrents(torrents, notOffered)];
  const offers = await makeOffers(making, candidates, options, (reason, source, state) => {
    notOffered.push(reason);
    awaitLater(reason, source, state);
  });
  if (offers.length === 0 && !(options.watch === true && found.isAnyThere)) throw nothingToOffer(notOffered);
  const leftOut = sumLeftOut([...found.leftOut, ...offers.flatMap(({ leftOut: more }) => more ?? [])]);
  const skipped = offers.flatMap((offer) => offer.skipped ?? []);
  return {
    offers,
    notOffered: [...notOffered.map((failure) => withReasons(failure)), ...skipped],
    awaited,
    leftOut,
  };
}

/** Tells whether a failed offer may succeed later: the content of a file may change, but not its name. */
function isAwaited({ code }: SeederError): boolean {
  return code === 'DISK' || code === 'MISMATCH';
}

function pathOf(source: OfferSource): string {
  return source.kind === 'torrent' ? source.data : source.path;
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
        if (source.kind === 'torrent')
          state = await stateOf(await offerPlacesOf(source, making.pool)(), lookAtFile);
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

import { basename } from 'node:path';
import { describeLeftOut, type HashPool, type LeftOut, listFiles, sumLeftOut } from '../hashing/index.ts';
import { parseMetainfo } from '../metainfo/index.ts';
import { makeOffer, type Offer, type OfferSource } from './offer.ts';
import { explainFailure, nothingToOffer, SeederError } from './seeder-error.ts';
import type { SeederOptions, TorrentWithData } from './seeder-options.ts';

/** Files read at once, so that many small ones keep all cores busy. */
const FILES_AT_ONCE = 4;

/** What can be seeded, and what cannot. */
export interface Offers {
  /** At least one. Two may have the same info-hash: files of the same name and content. */
  readonly offers: readonly Offer[];
  /** One error for each file, folder or torrent that cannot be offered. */
  readonly notOffered: readonly SeederError[];
  readonly leftOut: LeftOut;
}

/** Something that is to be offered. */
interface Candidate {
  readonly source: OfferSource;
  readonly name: string;
  /** For messages. */
  readonly path: string | undefined;
  /** Bytes. */
  readonly length: number;
}

/**
 * Reads all that is to be seeded. What cannot be read holds up nothing else.
 *
 * @throws {SeederError} when nothing can be offered
 * @throws the signal's reason
 */
export async function readOffers(pool: HashPool, options: SeederOptions): Promise<Offers> {
  const { paths = [], torrents = [], version = 'v1' } = options;
  if (paths.length === 0 && torrents.length === 0) {
    throw new SeederError('USAGE', 'Cannot seed: no file, folder or torrent is given');
  }
  const notOffered: SeederError[] = [];
  const found = await findFiles(paths, options, notOffered);
  const candidates = [
    ...found.files.map(({ path, below, length }): Candidate => {
      const place = below === undefined ? { path } : { path, below };
      return { source: { kind: 'file', ...place, version }, name: basename(path), path, length };
    }),
    ...parseTorrents(torrents, notOffered),
  ];
  const offers = await makeOffers(pool, candidates, options, notOffered);
  if (offers.length === 0) throw nothingToOffer(notOffered);
  return { offers, notOffered, leftOut: found.leftOut };
}

interface FileToOffer {
  readonly path: string;
  /** The folder below which no link is followed; `undefined`: links are followed, as to a file that the user named. */
  readonly below: string | undefined;
  /** Bytes. */
  readonly length: number;
}

/** Finds the files of `paths`, each once. @param notOffered takes what cannot be looked at */
async function findFiles(
  paths: readonly string[],
  { hidden = false, follow = false, signal }: SeederOptions,
  notOffered: SeederError[],
) {
  const files = new Map<string, FileToOffer>();
  const leftOut: LeftOut[] = [];
  for (const path of paths) {
    try {
      const listing = await listFiles(path, { hidden, follow, signal });
      leftOut.push(listing.leftOut);
      for (const { path: names, diskPath, length } of listing.files) {
        const isNamed = names.length === 0;
        if (isNamed || !files.has(diskPath)) {
          files.set(diskPath, { path: diskPath, below: isNamed || follow ? undefined : path, length });
        }
      }
      for (const failure of listing.failures) notOffered.push(explainFailure(failure)!);
      if (listing.files.length + listing.failures.length === 0) {
        const others = describeLeftOut(listing.leftOut) ?? 'nothing else either';
        const message = `Cannot seed ${path}: there is no file in it, but ${others}`;
        notOffered.push(new SeederError('NO_FILES', message, { path }));
      }
    } catch (thrown) {
      const failure = explainFailure(thrown, path);
      if (failure === undefined) throw thrown;
      notOffered.push(failure);
    }
  }
  return { files: [...files.values()], leftOut: sumLeftOut(leftOut) };
}

/** Parses torrents made elsewhere. @param notOffered takes those that cannot be used */
function parseTorrents(torrents: readonly TorrentWithData[], notOffered: SeederError[]): Candidate[] {
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

/** Makes the offers, in the order of the candidates. @param notOffered takes what cannot be offered */
async function makeOffers(
  pool: HashPool,
  candidates: readonly Candidate[],
  { signal, onHashing }: SeederOptions,
  notOffered: SeederError[],
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
      try {
        offers.set(at, await makeOffer(pool, source, { signal, onProgress }));
      } catch (thrown) {
        signal?.throwIfAborted();
        const failure = explainFailure(thrown, path);
        if (failure === undefined) throw thrown;
        notOffered.push(failure);
      }
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, readSome));
  return [...offers].sort(([a], [b]) => a - b).map(([, offer]) => offer);
}

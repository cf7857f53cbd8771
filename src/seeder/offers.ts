import { basename } from 'node:path';
import {
  createTorrent,
  type FoundFile,
  HashingError,
  type HashPool,
  listFiles,
  torrentRootAt,
} from '../hashing/index.ts';
import { type Metainfo, MetainfoError, parseMetainfo } from '../metainfo/index.ts';
import type { OfferedTorrent } from '../tracker-client/index.ts';
import { INFO_HASH_BYTES } from '../util/index.ts';
import { SeederError, type SeederOptions, type TorrentWithData } from './seeder-options.ts';

/** Files read at once, so that many small ones keep all cores busy. */
const FILES_AT_ONCE = 4;

/** A torrent to seed, and its files in the order of the metainfo. */
export interface Offer {
  readonly metainfo: Metainfo;
  /** The bytes of its `.torrent`. */
  readonly torrent: Uint8Array;
  /** The file or folder. */
  readonly path: string;
  readonly diskPaths: readonly string[];
  readonly sha256?: string;
  /** Whether it names trackers of its own. */
  readonly isForeign: boolean;
}

/**
 * Reads all that is to be seeded.
 *
 * @returns at least one offer, each info-hash once: two files of the same name and content are one torrent
 * @throws {SeederError} and the signal's reason
 */
export async function readOffers(pool: HashPool, options: SeederOptions): Promise<Offer[]> {
  const { paths = [], torrents = [] } = options;
  if (paths.length === 0 && torrents.length === 0) {
    throw new SeederError('USAGE', 'Cannot seed: no file, folder or torrent is given');
  }
  try {
    const offers = [
      ...(await offerFiles(pool, paths, options)),
      ...(await offerTorrents(pool, torrents, options)),
    ];
    return [...new Map(offers.map((offer) => [offer.metainfo.infoHash, offer])).values()];
  } catch (thrown) {
    throw explain(thrown);
  }
}

/** As the tracker is told of it. */
export function registrationOf({ metainfo, torrent, sha256 }: Offer): OfferedTorrent {
  const { infoHash, infoHashV2, name, length } = metainfo;
  const truncated = infoHashV2?.slice(0, 2 * INFO_HASH_BYTES);
  return {
    infoHash,
    ...(truncated === undefined || truncated === infoHash ? {} : { infoHashV2: truncated }),
    name,
    size: length,
    ...(sha256 === undefined ? {} : { sha256 }),
    metainfo: torrent,
  };
}

async function offerFiles(
  pool: HashPool,
  paths: readonly string[],
  options: SeederOptions,
): Promise<Offer[]> {
  const found: FoundFile[] = [];
  for (const path of paths) found.push(...(await listFiles(path)));
  const total = found.reduce((sum, file) => sum + file.length, 0);
  const doneOf = new Map<FoundFile, number>();
  const offers: Offer[] = [];
  const queue = found.entries();
  const readSome = async () => {
    for (const [at, file] of queue) {
      const name = basename(file.diskPath);
      const { metainfo, bytes, files } = await createTorrent(pool, file.diskPath, {
        version: options.version ?? 'v1',
        sha256: true,
        signal: options.signal,
        onProgress: (done) => {
          doneOf.set(file, done);
          options.onHashing?.({ done: sum(doneOf.values()), total, name });
        },
      });
      const sha256 = files[0]!.sha256!;
      offers[at] = {
        metainfo,
        torrent: bytes,
        path: file.diskPath,
        diskPaths: [file.diskPath],
        sha256,
        isForeign: false,
      };
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, readSome));
  return offers;
}

async function offerTorrents(
  pool: HashPool,
  torrents: readonly TorrentWithData[],
  { signal, onHashing }: SeederOptions,
): Promise<Offer[]> {
  const offers: Offer[] = [];
  for (const { torrent, data } of torrents) {
    const metainfo = parseMetainfo(torrent);
    const { name, length: total } = metainfo;
    const path = await torrentRootAt(metainfo, data);
    const { isComplete, good, files } = await pool.verifyFiles(metainfo, path, {
      sha256: metainfo.isSingleFile,
      signal,
      onProgress: (done) => onHashing?.({ done, total, name }),
    });
    if (!isComplete) {
      const message = `Cannot seed ${name} from ${path}: ${good.count} of ${metainfo.pieceCount} pieces match the torrent`;
      throw new SeederError('MISMATCH', message);
    }
    const sha256 = files[0]?.sha256;
    const diskPaths = files.map((file) => file.diskPath);
    offers.push({
      metainfo,
      torrent,
      path,
      diskPaths,
      ...(sha256 === undefined ? {} : { sha256 }),
      isForeign: true,
    });
  }
  return offers;
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

function explain(thrown: unknown): unknown {
  const options = { cause: thrown };
  if (thrown instanceof MetainfoError) return new SeederError('BAD_TORRENT', thrown.message, options);
  if (!(thrown instanceof HashingError)) return thrown;
  if (thrown.code === 'NO_FILES') return new SeederError('NO_FILES', thrown.message, options);
  return thrown.path === undefined ? thrown : new SeederError('DISK', thrown.message, options);
}

import { contentIdOfTorrent, type Metainfo, parseMetainfo } from '../metainfo/index.ts';
import { announceUrlOf, distinctTrackers, TrackerCallError } from '../tracker-client/index.ts';
import { formatCount, toError, withoutSecrets } from '../util/index.ts';
import type { TorrentCandidate } from './candidate.ts';
import { GetError } from './get-error.ts';
import type { GetOptions } from './get-options.ts';
import { candidatesAtTracker, type LookUpResources } from './look-up.ts';
import { describeWanted, idFault, isTorrent } from './wanted.ts';

export type { TorrentCandidate } from './candidate.ts';
export type { LookUpResources } from './look-up.ts';

/** Makes the candidate of a given `.torrent`, without a look-up. @throws {GetError} BAD_TORRENT, MISMATCH, USAGE */
export function candidateOf(
  torrent: Uint8Array,
  { tracker, size, id, sha256, infoHash }: GetOptions,
): TorrentCandidate {
  let metainfo: Metainfo;
  try {
    metainfo = parseMetainfo(torrent);
  } catch (thrown) {
    throw new GetError('BAD_TORRENT', toError(thrown).message, { cause: thrown });
  }
  if (sha256 !== undefined && !metainfo.isSingleFile) {
    throw new GetError(
      'USAGE',
      `Cannot check ${metainfo.name} by one SHA-256: it is a torrent of several files`,
    );
  }
  const contentId = contentIdOfTorrent(metainfo);
  const fault =
    (id === undefined ? undefined : idFault(metainfo, contentId, id)) ??
    otherFault(metainfo, { size, infoHash });
  if (fault !== undefined)
    throw new GetError('MISMATCH', `The torrent ${metainfo.name} is not the wanted one: it ${fault}`);
  const { isSingleFile, announceList: tiers } = metainfo;
  return {
    metainfo,
    tiers,
    ownTrackers: distinctTrackers(tracker).map(announceUrlOf),
    peers: [],
    sha256: sha256 ?? (isSingleFile ? id : undefined),
    contentId,
    isById: id !== undefined,
    others: [],
  };
}

function otherFault(
  metainfo: Metainfo,
  { size, infoHash }: { readonly size: number | undefined; readonly infoHash: string | undefined },
): string | undefined {
  if (infoHash !== undefined && !isTorrent(metainfo, infoHash)) {
    return `has the info-hash ${metainfo.infoHash}, not ${infoHash}`;
  }
  if (size === undefined || size === metainfo.length) return undefined;
  return `has ${formatCount(metainfo.length, 'byte')}, not ${size}`;
}

/**
 * Asks trackers which torrents have the file or folder: the next one when a tracker has nothing that can be used or fails,
 * which is reported. Peers are then to be asked from all of them.
 *
 * @param tracker the address of a tracker, or of several in the order in which they are asked
 * @yields the torrents that {@link candidatesAtTracker} yields for each tracker, each torrent once
 * @throws {GetError} NOT_FOUND when no tracker that has answered knows a seeder that has it
 * @throws {TrackerCallError} when no tracker has answered
 */
export async function* candidatesAt(
  tracker: string | readonly string[],
  options: GetOptions,
  resources: LookUpResources,
): AsyncGenerator<TorrentCandidate> {
  const trackers = distinctTrackers(tracker);
  const ownTrackers = trackers.map(announceUrlOf);
  const [only] = trackers;
  if (only !== undefined && trackers.length === 1) {
    yield* candidatesAtTracker(only, options, resources);
    return;
  }
  const results: FailedLookUp[] = [];
  const tried = new Set<string>();
  for (const each of trackers) {
    try {
      for await (const candidate of candidatesAtTracker(each, options, resources)) {
        const { metainfo, sha256 = '' } = candidate;
        const key = `${metainfo.infoHash} ${sha256}`;
        if (tried.has(key)) continue;
        tried.add(key);
        yield { ...candidate, ownTrackers };
      }
      results.push({ tracker: each });
    } catch (thrown) {
      if (resources.signal.aborted || !isFailedLookUp(thrown)) throw thrown;
      results.push({ tracker: each, error: thrown });
      if (thrown instanceof TrackerCallError) resources.report(thrown, 'ask all trackers');
    }
  }
  if (tried.size === 0) throw nobodyHasIt(results, options);
}

/** The result of a look-up at one of several trackers, which gave no torrent. */
interface FailedLookUp {
  readonly tracker: string;
  /** The error; `undefined` when no torrent that the tracker names can be used. */
  readonly error?: GetError | TrackerCallError;
}

function isFailedLookUp(thrown: unknown): thrown is GetError | TrackerCallError {
  return thrown instanceof TrackerCallError || (thrown instanceof GetError && thrown.code === 'NOT_FOUND');
}

/** Makes the error that names each tracker with its result. */
function nobodyHasIt(results: readonly FailedLookUp[], options: GetOptions): GetError | TrackerCallError {
  const told = results.map(({ tracker, error }) => {
    if (error instanceof TrackerCallError) return error.message;
    const found = error === undefined ? 'names no torrent that can be used' : 'knows no seeder that has it';
    return `${withoutSecrets(tracker)} ${found}`;
  });
  const message = `No seeder of ${describeWanted(options)} was found at ${results.length} trackers: ${told.join('; ')}`;
  const errors = results.flatMap(({ error }) => (error instanceof TrackerCallError ? [error] : []));
  const last = errors.at(-1);
  if (last === undefined || errors.length < results.length) return new GetError('NOT_FOUND', message);
  const isHopeless = errors.every((error) => error.isHopeless);
  return new TrackerCallError('UNREACHABLE', message, { isHopeless, cause: last });
}

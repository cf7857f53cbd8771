import { contentIdOfTorrent, type Metainfo, parseMetainfo } from '../metainfo/index.ts';
import {
  announceUrlOf,
  fetchMetainfo,
  fetchTorrentDetails,
  fetchTorrents,
  TrackerCallError,
  type TrackerPorts,
} from '../tracker-client/index.ts';
import type { DetailedTorrent, ListedTorrent } from '../tracker-protocol/index.ts';
import {
  type Address,
  canonicalIp,
  formatCount,
  INFO_HASH_BYTES,
  parseInfoHash,
  toError,
  withoutSecrets,
} from '../util/index.ts';
import { type AskAgainOptions, askAgain, mayPass } from './ask-again.ts';
import type { TorrentCandidate } from './candidate.ts';
import { choicesOf, contentOf, severalFit } from './choices.ts';
import { GetError } from './get-error.ts';
import type { GetOptions } from './get-options.ts';
import { describeWanted, idFault, isTorrent } from './wanted.ts';

/** The most torrents of a tracker that are tried, one after the other. Further ones are ignored. */
export const MAX_CANDIDATES = 32;
/** The most torrents that a tracker is asked to list: one page. */
const MAX_MATCHES = 1000;

/** The parts that a look-up uses. */
export interface LookUpResources extends Omit<AskAgainOptions, 'what'> {
  readonly ports: TrackerPorts;
}

/**
 * Asks one tracker which torrents have the file or folder. A torrent whose metainfo cannot be fetched, or does not fit the
 * query, is reported and skipped, because the tracker's word is only a hint. The look-up itself is made once; a tracker that
 * fails for a moment is asked again for metainfo and details.
 *
 * When a name fits several different files, the one that was registered first is chosen, and a warning names the others.
 * Otherwise anybody could block a file by registering another one with its name.
 *
 * @yields the torrents in the order of their registration; those without a reachable seeder come last
 * @throws {GetError} NOT_FOUND
 * @throws {TrackerCallError}
 */
export async function* candidatesAtTracker(
  tracker: string,
  options: GetOptions,
  resources: LookUpResources,
): AsyncGenerator<TorrentCandidate> {
  const { matches, query } = await lookUp(tracker, options, resources);
  const choices = choicesOf(matches, query);
  for await (const { candidate, match } of usable(matches, tracker, query, resources)) {
    const others = choices.filter((choice) => contentOf(choice) !== contentOf(match));
    if (others.length > 0) resources.report(severalFit(match, others, query), 'tell which one is meant');
    yield { ...candidate, others: others.slice(0, MAX_CANDIDATES) };
  }
}

interface Usable {
  readonly candidate: TorrentCandidate;
  readonly match: ListedTorrent;
}

/** Fetches one torrent after the other, and leaves out those that cannot be used. */
async function* usable(
  matches: readonly ListedTorrent[],
  tracker: string,
  query: GetOptions,
  resources: LookUpResources,
): AsyncGenerator<Usable> {
  const { signal, ports, report } = resources;
  const unreachable: Usable[] = [];
  let failure: Error | undefined;
  let isUsed = false;
  for (const match of matches.slice(0, MAX_CANDIDATES)) {
    const infoHash = parseInfoHash(match.infoHash);
    const what = `use torrent ${infoHash} of ${withoutSecrets(tracker)}`;
    try {
      const [bytes, detail] = await Promise.all([
        askAgain(() => fetchMetainfo(tracker, infoHash, { signal, ports }), { ...resources, what }),
        askAgain(() => fetchTorrentDetails(tracker, infoHash, { signal, ports }), { ...resources, what }),
      ]);
      const candidate = candidateFrom(checkedMetainfo(bytes, match, query), match, detail, tracker, query);
      isUsed = true;
      if (detail.heldBy.every(({ reachable }) => reachable === false)) unreachable.push({ candidate, match });
      else yield { candidate, match };
    } catch (thrown) {
      const error = toError(thrown);
      if (signal.aborted) throw error;
      if (mayPass(error)) failure = error;
      report(error, what);
    }
  }
  yield* unreachable;
  if (failure !== undefined && !isUsed) throw failure;
}

function candidateFrom(
  { metainfo, contentId }: CheckedMetainfo,
  match: ListedTorrent,
  { heldBy }: DetailedTorrent,
  tracker: string,
  { id, sha256, infoHash }: GetOptions,
): TorrentCandidate {
  const claimed = infoHash === undefined ? match.sha256 : undefined;
  return {
    metainfo,
    tiers: [],
    ownTrackers: [announceUrlOf(tracker)],
    // Only IP addresses are taken, because a name could lead anywhere.
    peers: heldBy.flatMap(({ host, port }): Address[] => {
      const ip = canonicalIp(host);
      return ip === undefined ? [] : [{ host: ip, port }];
    }),
    // An info-hash decides everything. A wrong SHA-256 from the tracker could only do harm.
    sha256: sha256 ?? (metainfo.isSingleFile ? id : undefined) ?? claimed,
    contentId,
    isById: id !== undefined,
    others: [],
  };
}

interface LookUp {
  /** The torrents that fit, at least one. */
  readonly matches: readonly ListedTorrent[];
  /** The query that they fit: an id that nobody has as one may be the info-hash of a v2 torrent. */
  readonly query: GetOptions;
}

/** Asks the tracker for torrents. @throws {GetError} NOT_FOUND @throws {TrackerCallError} */
async function lookUp(tracker: string, options: GetOptions, resources: LookUpResources): Promise<LookUp> {
  const { id, ...others } = options;
  const matches = await matchesAt(tracker, options, resources);
  if (matches.length > 0) return { matches, query: options };
  if (id !== undefined && others.infoHash === undefined) {
    const query = { ...others, infoHash: id };
    const byInfoHash = await matchesAt(tracker, query, resources);
    if (byInfoHash.length > 0) return { matches: byInfoHash, query };
  }
  throw new GetError(
    'NOT_FOUND',
    `No seeder has ${describeWanted(options)}, says the tracker ${withoutSecrets(tracker)}`,
  );
}

async function matchesAt(
  tracker: string,
  options: GetOptions,
  call: Pick<LookUpResources, 'signal' | 'ports'>,
): Promise<ListedTorrent[]> {
  const { name, size, sha256, id, infoHash } = options;
  const { signal, ports } = call;
  const query = {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(id === undefined ? {} : { id }),
  };
  const found =
    infoHash === undefined
      ? (await fetchTorrents(tracker, query, { signal, ports, limit: MAX_MATCHES })).torrents
      : await findByInfoHash(tracker, infoHash, call);
  return found.filter((torrent) => torrent.seeders > 0 && fits(torrent, options));
}

/** Finds the torrent with a v1 or v2 info-hash. A tracker lists a hybrid by its v1 hash, so that a v2 hash is asked for. */
async function findByInfoHash(
  tracker: string,
  infoHash: string,
  { signal, ports }: Pick<LookUpResources, 'signal' | 'ports'>,
): Promise<readonly ListedTorrent[]> {
  const onTheWire = parseInfoHash(infoHash.slice(0, 2 * INFO_HASH_BYTES));
  try {
    return [await fetchTorrentDetails(tracker, onTheWire, { signal, ports })];
  } catch (thrown) {
    if (!(thrown instanceof TrackerCallError) || thrown.status !== 404) throw thrown;
  }
  const query = { infoHashV2: onTheWire };
  return (await fetchTorrents(tracker, query, { signal, ports, limit: MAX_MATCHES })).torrents;
}

function fits(torrent: ListedTorrent, { name, size, sha256, id }: GetOptions): boolean {
  return (
    (name === undefined || torrent.name === name) &&
    (size === undefined || torrent.size === size) &&
    (sha256 === undefined || torrent.sha256 === sha256) &&
    (id === undefined || torrent.sha256 === id || torrent.contentId === id)
  );
}

/** A metainfo that fits what is wanted, with the content id that it gives. */
interface CheckedMetainfo {
  readonly metainfo: Metainfo;
  readonly contentId: string | undefined;
}

/** Checks the metainfo that a tracker gave. @throws {GetError} BAD_TORRENT @throws {MetainfoError} */
function checkedMetainfo(bytes: Uint8Array, match: ListedTorrent, options: GetOptions): CheckedMetainfo {
  const { infoHash = match.infoHash } = options;
  const metainfo = parseMetainfo(bytes);
  if (metainfo.infoHash !== match.infoHash || !isTorrent(metainfo, infoHash)) {
    throw new GetError(
      'BAD_TORRENT',
      `The tracker gave torrent ${metainfo.infoHash} in place of ${infoHash}`,
    );
  }
  if (metainfo.length !== match.size || (match.sha256 !== undefined && !metainfo.isSingleFile)) {
    throw new GetError(
      'BAD_TORRENT',
      `Torrent ${match.infoHash} is not of a file of ${formatCount(match.size, 'byte')}`,
    );
  }
  const contentId = contentIdOfTorrent(metainfo);
  const fault = contentFault(metainfo, contentId, match, options);
  if (fault !== undefined) throw new GetError('BAD_TORRENT', `Torrent ${match.infoHash} ${fault}`);
  return { metainfo, contentId };
}

/** Finds out why a torrent has not the wanted content, or that for which the tracker lists it. */
function contentFault(
  metainfo: Metainfo,
  contentId: string | undefined,
  match: ListedTorrent,
  { id, infoHash }: GetOptions,
): string | undefined {
  // An info-hash decides everything, so that the tracker's word for the content is not needed.
  const wanted = id ?? (infoHash === undefined ? (match.sha256 ?? match.contentId) : undefined);
  if (wanted === undefined) return undefined;
  if (match.contentId !== undefined && metainfo.isSingleFile) return 'is of a file, not of a folder';
  return idFault(metainfo, contentId, wanted);
}

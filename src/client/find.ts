import { type Metainfo, parseMetainfo } from '../metainfo/index.ts';
import {
  announceUrlOf,
  fetchMetainfo,
  fetchTorrentDetails,
  fetchTorrents,
  TrackerCallError,
  type TrackerPorts,
} from '../tracker-client/index.ts';
import type { ListedTorrent } from '../tracker-protocol/index.ts';
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
import { type GetChoice, GetError } from './get-error.ts';
import type { GetOptions } from './get-options.ts';

/** The most torrents of a tracker that are tried, one after the other. Further ones are ignored. */
export const MAX_CANDIDATES = 32;
/** The most torrents that a tracker is asked to list: one page. */
const MAX_MATCHES = 1000;

/** A torrent that may have the wanted file, and the SHA-256 that the file must have. */
export interface TorrentCandidate {
  readonly metainfo: Metainfo;
  /** The trackers to ask for peers, by tier. @see BEP 12 */
  readonly tiers: readonly (readonly string[])[];
  /** The trackers that the user has named. Those of a `.torrent` may come from a stranger. */
  readonly ownTrackers: readonly string[];
  /** The peers that are known from the start. */
  readonly peers: readonly Address[];
  /** The SHA-256 of the whole file; `undefined` when it is unknown. */
  readonly sha256: string | undefined;
  /** Other files and folders, of other content, that also fit the query; at most {@link MAX_CANDIDATES}. */
  readonly others: readonly GetChoice[];
}

/** The parts that a look-up uses. */
export interface LookUpResources extends Omit<AskAgainOptions, 'what'> {
  readonly ports: TrackerPorts;
}

/** Makes the candidate of a given `.torrent`, without a look-up. @throws {GetError} BAD_TORRENT, MISMATCH */
export function candidateOf(
  torrent: Uint8Array,
  { tracker, size, sha256, infoHash }: GetOptions,
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
  if (infoHash !== undefined && !isTorrent(metainfo, infoHash)) {
    const message = `The torrent ${metainfo.name} is not the wanted one: its info-hash is ${metainfo.infoHash}, not ${infoHash}`;
    throw new GetError('MISMATCH', message);
  }
  if (size !== undefined && size !== metainfo.length) {
    const message = `The torrent ${metainfo.name} is not the wanted one: it has ${formatCount(metainfo.length, 'byte')}, not ${size}`;
    throw new GetError('MISMATCH', message);
  }
  const ownTrackers = tracker === undefined ? [] : [announceUrlOf(tracker)];
  const tiers = [...metainfo.announceList, ...(tracker === undefined ? [] : [ownTrackers])];
  return { metainfo, tiers, ownTrackers, peers: [], sha256, others: [] };
}

/**
 * Asks the tracker which torrents have the file. A torrent whose metainfo cannot be fetched, or does not fit the query, is
 * reported and skipped, because the tracker's word is only a hint. The look-up itself is made once; a tracker
 * that fails for a moment is asked again for metainfo and details.
 *
 * When a name fits several different files, the one that was registered first is chosen, and a warning names the others.
 * Otherwise anybody could block a file by registering another one with its name.
 *
 * @yields the torrents in the order of their registration; those without a reachable seeder come last
 * @throws {GetError} NOT_FOUND
 * @throws {TrackerCallError}
 */
export async function* candidatesAt(
  tracker: string,
  options: GetOptions,
  resources: LookUpResources,
): AsyncGenerator<TorrentCandidate> {
  const matches = await matchesAt(tracker, options, resources);
  const choices = choicesOf(matches, options);
  for await (const { candidate, match } of usable(matches, tracker, options, resources)) {
    const others = choices.filter((choice) => contentOf(choice) !== contentOf(match));
    if (others.length > 0) resources.report(severalFit(match, others, options), 'tell which one is meant');
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
  options: GetOptions,
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
      const metainfo = checkedMetainfo(bytes, match, options);
      // Only IP addresses are taken, because a name could lead anywhere.
      const peers = detail.heldBy.flatMap(({ host, port }) => {
        const ip = canonicalIp(host);
        return ip === undefined ? [] : [{ host: ip, port }];
      });
      const ownTrackers = [announceUrlOf(tracker)];
      // An info-hash decides everything. A wrong SHA-256 from the tracker could only do harm.
      const sha256 = options.sha256 ?? (options.infoHash === undefined ? match.sha256 : undefined);
      isUsed = true;
      const candidate = { metainfo, tiers: [ownTrackers], ownTrackers, peers, sha256, others: [] };
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

async function matchesAt(
  tracker: string,
  options: GetOptions,
  call: Pick<LookUpResources, 'signal' | 'ports'>,
): Promise<ListedTorrent[]> {
  const { name, size, sha256, infoHash } = options;
  const { signal, ports } = call;
  const query = {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
  const found =
    infoHash === undefined
      ? (await fetchTorrents(tracker, query, { signal, ports, limit: MAX_MATCHES })).torrents
      : await findByInfoHash(tracker, infoHash, call);
  const matches = found.filter((torrent) => torrent.seeders > 0 && fits(torrent, options));
  if (matches.length === 0) {
    throw new GetError(
      'NOT_FOUND',
      `No seeder has ${describeWanted(options)}, says the tracker ${withoutSecrets(tracker)}`,
    );
  }
  return matches;
}

/** Finds the torrent with a v1 or v2 info-hash. A tracker lists a hybrid by its v1 hash, so that a v2 hash is searched for. */
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
  const { torrents } = await fetchTorrents(tracker, {}, { signal, ports });
  return torrents.filter(({ infoHashV2 }) => infoHashV2 === onTheWire);
}

function fits(torrent: ListedTorrent, { name, size, sha256 }: GetOptions): boolean {
  return (
    (name === undefined || torrent.name === name) &&
    (size === undefined || torrent.size === size) &&
    (sha256 === undefined || torrent.sha256 === sha256)
  );
}

/**
 * Lists the files that fit, one entry for each content: torrents of one SHA-256 are the same file. The list is empty when
 * the query has a hash.
 */
function choicesOf(matches: readonly ListedTorrent[], { sha256, infoHash }: GetOptions): GetChoice[] {
  if (sha256 !== undefined || infoHash !== undefined) return [];
  const byContent = new Map<string, GetChoice>();
  for (const match of matches) {
    const content = contentOf(match);
    const known = byContent.get(content);
    byContent.set(content, { ...(known ?? match), seeders: match.seeders + (known?.seeders ?? 0) });
  }
  return [...byContent.values()];
}

function contentOf({ sha256, infoHash }: GetChoice): string {
  return sha256 ?? infoHash;
}

/** Makes the warning that a query fits several files. @param others the ones that are not chosen */
function severalFit(meant: ListedTorrent, others: readonly GetChoice[], options: GetOptions): GetError {
  const by = others.every(({ sha256 }) => sha256 !== undefined) ? 'its SHA-256' : 'its SHA-256 or info-hash';
  const more = others.length > CHOICES_TOLD ? `, and ${others.length - CHOICES_TOLD} more` : '';
  const told = others.slice(0, CHOICES_TOLD).map(contentOf).join(', ');
  return new GetError(
    'SEVERAL_FIT',
    `${others.length + 1} different files or folders fit ${describeWanted(options)}. The one that was registered first is chosen, ${contentOf(meant)}; get another one by ${by}: ${told}${more}`,
    { choices: [meant, ...others] },
  );
}

/** The most torrents that one message names. */
const CHOICES_TOLD = 5;

function checkedMetainfo(
  bytes: Uint8Array,
  match: ListedTorrent,
  { infoHash = match.infoHash }: GetOptions,
): Metainfo {
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
  return metainfo;
}

/** Tells whether a torrent has an info-hash. @param infoHash 40 digits of v1, the first 40 digits of v2, or its 64 digits */
function isTorrent({ infoHashV1, infoHashV2 }: Metainfo, infoHash: string): boolean {
  return infoHashV1 === infoHash || (infoHashV2?.startsWith(infoHash) ?? false);
}

function describeWanted({ name, size, sha256, infoHash }: GetOptions): string {
  const what = infoHash === undefined ? 'a file' : `the torrent ${infoHash}`;
  const parts = [
    name === undefined ? what : JSON.stringify(name),
    size === undefined ? '' : `of ${formatCount(size, 'byte')}`,
    sha256 === undefined ? '' : `with SHA-256 ${sha256}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

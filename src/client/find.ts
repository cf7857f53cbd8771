import { type Metainfo, parseMetainfo } from '../metainfo/index.ts';
import { announceUrlOf, fetchMetainfo, findTorrents, torrentDetail } from '../tracker-client/index.ts';
import { type TorrentSummary, withoutTokens } from '../tracker-protocol/index.ts';
import { type Address, parseInfoHash, type ReportError, toError } from '../util/index.ts';
import { GetError } from './get-error.ts';
import type { GetOptions } from './get-options.ts';

/** A torrent that may have what is wanted, and what it is checked against in the end. */
export interface Candidate {
  readonly metainfo: Metainfo;
  /** Trackers to ask for peers, by tier. @see BEP 12 */
  readonly tiers: readonly (readonly string[])[];
  /** Peers known from the start. */
  readonly peers: readonly Address[];
  /** SHA-256 of the whole file, if it is known. */
  readonly sha256: string | undefined;
}

/** The torrent that was given: nothing to look up. @throws {GetError} BAD_TORRENT, MISMATCH */
export function candidateOf(torrent: Uint8Array, { tracker, size, sha256 }: GetOptions): Candidate {
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
  if (size !== undefined && size !== metainfo.length) {
    const message = `The torrent ${metainfo.name} is not what was asked for: ${metainfo.length} bytes, not ${size}`;
    throw new GetError('MISMATCH', message);
  }
  const given = tracker === undefined ? [] : [[announceUrlOf(tracker)]];
  return { metainfo, tiers: [...metainfo.announceList, ...given], peers: [], sha256 };
}

/**
 * Asks the tracker which torrents have the file. One whose metainfo cannot be had, or is not of such a file, is
 * reported and passed over: what a tracker says is a hint.
 *
 * @yields the torrent with the most seeders first
 * @throws {GetError} NOT_FOUND; USAGE when the name alone fits several different files; TrackerError
 */
export async function* candidatesAt(
  tracker: string,
  options: GetOptions,
  report: ReportError,
): AsyncGenerator<Candidate> {
  const { signal } = options;
  const matches = await matchesAt(tracker, options);
  for (const match of matches) {
    const infoHash = parseInfoHash(match.infoHash);
    try {
      const [bytes, detail] = await Promise.all([
        fetchMetainfo(tracker, infoHash, { signal }),
        torrentDetail(tracker, infoHash, { signal }),
      ]);
      const metainfo = checkedMetainfo(bytes, match);
      const peers = detail.heldBy.map(({ host, port }) => ({ host, port }));
      const sha256 = options.sha256 ?? match.sha256;
      yield { metainfo, tiers: [[announceUrlOf(tracker)]], peers, sha256 };
    } catch (thrown) {
      signal?.throwIfAborted();
      report(toError(thrown), `use torrent ${infoHash} of ${withoutTokens(tracker)}`);
    }
  }
}

async function matchesAt(tracker: string, options: GetOptions): Promise<TorrentSummary[]> {
  const { name, size, signal } = options;
  const query = {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { size }),
    ...(options.sha256 === undefined ? {} : { sha256: options.sha256 }),
  };
  const { torrents } = await findTorrents(tracker, query, { signal });
  const matches = torrents.filter(
    (torrent) =>
      torrent.seeders > 0 &&
      (name === undefined || torrent.name === name) &&
      (size === undefined || torrent.size === size) &&
      (options.sha256 === undefined || torrent.sha256 === options.sha256),
  );
  if (matches.length === 0) {
    throw new GetError('NOT_FOUND', `No seeder has ${describeWanted(options)}, says the tracker ${tracker}`);
  }
  const contents = new Set(matches.map((torrent) => torrent.sha256 ?? torrent.infoHash));
  if (options.sha256 === undefined && contents.size > 1) {
    const found = matches.map((torrent) => `${torrent.sha256 ?? torrent.infoHash} (${torrent.size} bytes)`);
    const message = `${contents.size} different files fit ${describeWanted(options)}: say which by its SHA-256: ${found.slice(0, 5).join(', ')}`;
    throw new GetError('USAGE', message);
  }
  return matches.toSorted((a, b) => b.seeders - a.seeders);
}

function checkedMetainfo(bytes: Uint8Array, match: TorrentSummary): Metainfo {
  const metainfo = parseMetainfo(bytes);
  if (metainfo.infoHash !== match.infoHash) {
    throw new GetError(
      'BAD_TORRENT',
      `The tracker gave torrent ${metainfo.infoHash} in place of ${match.infoHash}`,
    );
  }
  if (metainfo.length !== match.size || (match.sha256 !== undefined && !metainfo.isSingleFile)) {
    throw new GetError('BAD_TORRENT', `Torrent ${match.infoHash} is not of a file of ${match.size} bytes`);
  }
  return metainfo;
}

function describeWanted({ name, size, sha256 }: GetOptions): string {
  const parts = [
    name === undefined ? 'a file' : JSON.stringify(name),
    size === undefined ? '' : `of ${size} bytes`,
    sha256 === undefined ? '' : `with SHA-256 ${sha256}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

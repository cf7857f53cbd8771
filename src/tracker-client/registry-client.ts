import {
  type DetailedTorrent,
  type ListedSeeder,
  type ListedTorrent,
  MAX_REGISTERED_METAINFO_BYTES,
  type Registration,
  type RegistrationResponse,
} from '../tracker-protocol/index.ts';
import type { InfoHash } from '../util/index.ts';
import { withinDeadline } from './deadline.ts';
import type { CallOptions } from './http-request.ts';
import {
  attempt,
  callRegistry,
  callRegistryJson,
  REGISTRY_TIMEOUT_MS,
  type RegistryCall,
} from './registry-call.ts';
import type { RegistryResponses } from './registry-response.ts';
import { MAX_PAGE_BYTES, MAX_PAGES, MAX_REGISTRY_RESPONSE_BYTES } from './response-limits.ts';
import { systemTrackerPorts } from './tracker-ports.ts';

/** The default for the most torrents or seeders that are collected from several pages. */
export const MAX_COLLECTED = 10_000;
/** The default milliseconds for all pages together. */
export const COLLECT_TIMEOUT_MS = 60_000;
/** The default milliseconds for a call that carries a list of torrents or a metainfo. */
export const UPLOAD_TIMEOUT_MS = 60_000;

/** The id and the secret token that the tracker has given to a registered seeder. */
export interface SeederIdentity {
  readonly id: string;
  readonly token: string;
}

/** The response to the first registration. */
export type FirstRegistrationResponse = RegistrationResponse & SeederIdentity;

/** The properties by which torrents are looked up. Properties that are `undefined` match all torrents. */
export interface TorrentQuery {
  readonly name?: string;
  readonly size?: number;
  readonly sha256?: string;
  /** The SHA-256 of a file, or the content id of a folder. */
  readonly id?: string;
  /** The second info-hash of a hybrid, 40 hex digits. */
  readonly infoHashV2?: string;
}

/** The options of a call that collects several pages. */
export interface CollectOptions extends CallOptions {
  /** The number of entries after which no further page is asked for, by default {@link MAX_COLLECTED}. */
  readonly limit?: number;
}

/*
 * The calls of a tracker's web API. Each takes the tracker's address, `http://host:9910`, with or without `/announce` behind
 * it. For a private tracker, the access token stands in between: `http://host:9910/TOKEN`. Each throws a TrackerCallError:
 * `BAD_STATUS` with the problem that the tracker names, `BAD_RESPONSE` when the response has another shape than agreed, and
 * the codes of the network.
 */

/** The options of a registration. */
export interface RegisterOptions extends CallOptions {
  /** The access token for registering; by default that of the tracker's address, if it has one. */
  readonly token?: string | undefined;
}

/** Registers a seeder with all its torrents: `POST /api/v1/seeders`. */
export async function register(
  trackerUrl: string,
  registration: Registration,
  options: RegisterOptions = {},
): Promise<FirstRegistrationResponse> {
  return callRegistryJson('firstRegistration', trackerUrl, 'POST', '/seeders', {
    doing: 'register with',
    timeoutMs: UPLOAD_TIMEOUT_MS,
    ...options,
    ...jsonBody(registration),
  });
}

/** Renews a registration, and replaces its torrents if a new registration is given: `PUT /api/v1/seeders/{id}`. */
export async function renew(
  trackerUrl: string,
  { id, token }: SeederIdentity,
  registration?: Registration,
  options: CallOptions = {},
): Promise<RegistrationResponse> {
  return callRegistryJson('registration', trackerUrl, 'PUT', `/seeders/${encodeURIComponent(id)}`, {
    doing: 'renew the registration with',
    timeoutMs: registration === undefined ? REGISTRY_TIMEOUT_MS : UPLOAD_TIMEOUT_MS,
    ...options,
    ...(registration !== undefined && jsonBody(registration)),
    token,
  });
}

/** Removes the seeder from the tracker's list: `DELETE /api/v1/seeders/{id}`. */
export async function leave(
  trackerUrl: string,
  { id, token }: SeederIdentity,
  options: CallOptions = {},
): Promise<void> {
  await callRegistry(trackerUrl, 'DELETE', `/seeders/${encodeURIComponent(id)}`, {
    doing: 'sign off from',
    ...options,
    token,
  });
}

/** Uploads a metainfo that the tracker lacks: `PUT /api/v1/torrents/{infoHash}.torrent`. */
export async function uploadMetainfo(
  trackerUrl: string,
  token: string,
  infoHash: InfoHash,
  metainfo: Uint8Array,
  options: CallOptions = {},
): Promise<void> {
  await callRegistry(trackerUrl, 'PUT', `/torrents/${infoHash}.torrent`, {
    doing: 'hand a .torrent to',
    timeoutMs: UPLOAD_TIMEOUT_MS,
    ...options,
    token,
    body: metainfo,
    contentType: 'application/x-bittorrent',
  });
}

/**
 * Looks up registered torrents: `GET /api/v1/torrents`.
 *
 * @returns the torrents; `total` is greater than their number if the limit was reached
 */
export async function fetchTorrents(
  trackerUrl: string,
  query: TorrentQuery,
  options: CollectOptions = {},
): Promise<{ torrents: ListedTorrent[]; total: number }> {
  const pages = { name: 'torrents', trackerUrl, doing: 'look up files at' } as const;
  const { entries, total } = await collect(
    pages,
    (after) => `/torrents${queryOf({ ...query, after })}`,
    (page) => page.torrents,
    options,
  );
  return { torrents: entries, total };
}

/** Lists the active seeders: `GET /api/v1/seeders`. @returns as {@link fetchTorrents} */
export async function fetchSeeders(
  trackerUrl: string,
  options: CollectOptions = {},
): Promise<{ seeders: ListedSeeder[]; total: number }> {
  const pages = { name: 'seeders', trackerUrl, doing: 'list the seeders of' } as const;
  const { entries, total } = await collect(
    pages,
    (after) => `/seeders${queryOf({ after })}`,
    (page) => page.seeders,
    options,
  );
  return { seeders: entries, total };
}

/** Looks up one torrent with its seeders: `GET /api/v1/torrents/{infoHash}`. */
export async function fetchTorrentDetails(
  trackerUrl: string,
  infoHash: InfoHash,
  options: CallOptions = {},
): Promise<DetailedTorrent> {
  return callRegistryJson('torrent', trackerUrl, 'GET', `/torrents/${infoHash}`, {
    doing: 'look up a torrent at',
    ...options,
  });
}

/**
 * Fetches the `.torrent` that the tracker has: `GET /api/v1/torrents/{infoHash}.torrent`. It is not checked against the
 * info-hash.
 *
 * @returns at most `MAX_REGISTERED_METAINFO_BYTES` bytes
 */
export async function fetchMetainfo(
  trackerUrl: string,
  infoHash: InfoHash,
  options: CallOptions = {},
): Promise<Uint8Array> {
  const path = `/torrents/${infoHash}.torrent`;
  const call = { doing: 'fetch a .torrent from', ...options, maxBytes: MAX_REGISTERED_METAINFO_BYTES };
  return (await callRegistry(trackerUrl, 'GET', path, call)).body;
}

function jsonBody(value: unknown): Pick<RegistryCall, 'body' | 'contentType'> {
  return { body: JSON.stringify(value), contentType: 'application/json' };
}

function queryOf(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

interface Pages<Name extends 'torrents' | 'seeders'> {
  readonly name: Name;
  readonly trackerUrl: string;
  /** The attempt, as a phrase to stand before the tracker's address in messages. */
  readonly doing: string;
}

/**
 * Asks for one page after the other, until there is no next page, the limit is reached, or `MAX_PAGES` were read. A tracker
 * that always names a next page would otherwise be asked for ever.
 */
async function collect<Name extends 'torrents' | 'seeders', Entry>(
  { name, trackerUrl, doing }: Pages<Name>,
  pathOf: (after: string | undefined) => string,
  entriesOf: (page: RegistryResponses[Name]) => readonly Entry[],
  { limit = MAX_COLLECTED, timeoutMs = COLLECT_TIMEOUT_MS, signal, ports }: CollectOptions,
): Promise<{ entries: Entry[]; total: number }> {
  const { clock } = ports ?? systemTrackerPorts;
  return withinDeadline(attempt(doing, trackerUrl), { timeoutMs, clock, signal }, async (ending) => {
    const entries: Entry[] = [];
    const asked = new Set<string | undefined>();
    let bytesLeft = MAX_REGISTRY_RESPONSE_BYTES;
    for (let after: string | undefined; ; ) {
      asked.add(after);
      const page: RegistryResponses[Name] = await callRegistryJson(name, trackerUrl, 'GET', pathOf(after), {
        doing,
        signal: ending,
        ports,
        timeoutMs: Math.min(timeoutMs, REGISTRY_TIMEOUT_MS),
        maxBytes: Math.min(bytesLeft, MAX_PAGE_BYTES),
        onReceived: (bytes) => {
          bytesLeft -= bytes;
        },
      });
      const found = entriesOf(page);
      for (const entry of found) entries.push(entry);
      after = page.next;
      const isLast = after === undefined || found.length === 0 || entries.length >= limit;
      if (isLast || asked.has(after) || asked.size >= MAX_PAGES || bytesLeft <= 0) {
        return { entries: entries.slice(0, limit), total: page.total };
      }
    }
  });
}

import {
  type AnnounceRequest,
  decodeAnnounceResponse,
  decodeScrapeResponse,
  encodeAnnounceQuery,
  encodeScrapeQuery,
  MAX_ANNOUNCE_RESPONSE_BYTES,
  MAX_SCRAPE_RESPONSE_BYTES,
  type ScrapeRequest,
  type ScrapeResponse,
  scrapeUrl,
  type TrackerFailure,
  TrackerResponseError,
} from '../tracker-protocol/index.ts';
import type { ReceivedAnnounceResponse } from './announcer-options.ts';
import { type CallOptions, httpRequest } from './http-request.ts';
import { lookUpPeers } from './peer-names.ts';
import { printableUrl } from './printable-url.ts';
import { quotable } from './quotable.ts';
import { announceStatusFinding } from './status-finding.ts';
import { TrackerCallError } from './tracker-call-error.ts';
import { TrackerReach } from './tracker-reach.ts';

/** The most redirects that an announce or a scrape follows. */
export const MAX_ANNOUNCE_REDIRECTS = 5;
/** The default milliseconds for a whole announce or scrape over HTTP. */
export const ANNOUNCE_TIMEOUT_MS = 15_000;

/**
 * Announces once to a tracker over HTTP or HTTPS.
 *
 * @param announceUrl the URL as a torrent has it; its query is kept
 * @throws {TrackerCallError} with any of its codes; `FAILURE` when the tracker itself refuses, with any HTTP status
 * @see BEP 3, BEP 31
 */
export async function announceOverHttp(
  announceUrl: string,
  request: AnnounceRequest,
  options: CallOptions,
): Promise<ReceivedAnnounceResponse> {
  const query = encodeAnnounceQuery(request);
  const maxBytes = MAX_ANNOUNCE_RESPONSE_BYTES;
  const { answer, serverIp } = await ask(announceUrl, query, maxBytes, decodeAnnounceResponse, options);
  const { namedPeers } = answer;
  return namedPeers === undefined ? answer : { ...answer, peersLookedUp: lookUpPeers(namedPeers, serverIp) };
}

/**
 * Asks a tracker for the counts of swarms.
 *
 * @param announceUrl the announce URL of the tracker, from which the scrape URL follows by convention
 * @throws {TrackerCallError} as {@link announceOverHttp}; `UNSUPPORTED` when the convention gives no scrape URL
 * @see BEP 48
 */
export async function scrapeOverHttp(
  announceUrl: string,
  request: ScrapeRequest,
  options: CallOptions,
): Promise<ScrapeResponse> {
  const url = scrapeUrl(announceUrl);
  if (url === undefined) {
    throw new TrackerCallError(
      'UNSUPPORTED',
      `Cannot scrape ${printableUrl(announceUrl)}: the last part of its path does not start with "announce"`,
    );
  }
  const query = encodeScrapeQuery(request);
  return (await ask(url, query, MAX_SCRAPE_RESPONSE_BYTES, decodeScrapeResponse, options)).answer;
}

async function ask<Response extends object>(
  url: string,
  query: string,
  maxBytes: number,
  decode: (body: Uint8Array) => Response | TrackerFailure,
  { signal, timeoutMs = ANNOUNCE_TIMEOUT_MS, trust, ports }: CallOptions,
): Promise<{ readonly answer: Response; readonly serverIp: string | undefined }> {
  const { status, body, serverIp } = await httpRequest({
    method: 'GET',
    url: withQuery(url, query),
    maxBytes,
    timeoutMs,
    maxRedirects: MAX_ANNOUNCE_REDIRECTS,
    reach: new TrackerReach(trust, query),
    isLenient: true,
    signal,
    ports,
  });
  const what = `GET ${printableUrl(url)}`;
  const isSuccess = status >= 200 && status < 300;
  const answer = isSuccess ? understand(what, () => decode(body)) : failureIn(() => decode(body));
  if (answer === undefined) {
    const { found, ...fields } = announceStatusFinding(status, body);
    throw new TrackerCallError('BAD_STATUS', `${what}: ${found}`, { ...fields, status });
  }
  if (!('failureReason' in answer)) return { answer, serverIp };
  throw new TrackerCallError(
    'FAILURE',
    `${what}: the tracker says "${quotable(answer.failureReason)}"`,
    answer,
  );
}

/** Adds a query to a URL, behind a query that it has (a passkey). The part after `#` is not sent. */
function withQuery(url: string, query: string): string {
  const bare = url.split('#', 1)[0]!;
  return `${bare}${bare.includes('?') ? '&' : '?'}${query}`;
}

function understand<Answer>(what: string, decode: () => Answer): Answer {
  try {
    return decode();
  } catch (thrown) {
    if (!(thrown instanceof TrackerResponseError)) throw thrown;
    throw new TrackerCallError('BAD_RESPONSE', `${what}: ${thrown.message}`, { cause: thrown });
  }
}

/**
 * Reads a tracker's refusal from a response with a status of 4xx or 5xx, which some trackers send. `undefined` means that
 * there is none, as in the error page of a proxy.
 */
function failureIn(decode: () => object): TrackerFailure | undefined {
  try {
    const answer = decode();
    return 'failureReason' in answer ? (answer as TrackerFailure) : undefined;
  } catch (thrown) {
    if (thrown instanceof TrackerResponseError) return undefined;
    throw thrown;
  }
}

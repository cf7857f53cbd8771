import {
  type AnnounceRequest,
  type CompactAnnounceResponse,
  encodeAnnounceResponse,
  encodeScrapeResponse,
  encodeTrackerFailure,
  OWN_MEMORY,
  ownMemory,
  parseAnnounceQuery,
  parseScrapeQuery,
  type ResponseMemory,
  type ScrapeResponse,
  type TrackerFailure,
  TrackerRequestError,
} from '../../../tracker-protocol/index.ts';
import { type Clock, latin1, type MaybePromise, type ReportError, toError } from '../../../util/index.ts';
import { FULL_SCRAPE_COST, type FullScrape } from '../../core/full-scrape/index.ts';
import type { ClientAddress, TrackerLogic } from '../../core/index.ts';
import { type AddressLimits, tooManyRequests } from '../../guard/rate-limit/index.ts';
import type { TrackerCounters, TransportCounters } from '../../metrics/index.ts';
import type { TrackerRequestHead } from './request-head.ts';

/** Minutes after which clients should try again when the tracker itself has failed. */
const FAILED_RETRY_IN = 5;

export interface TrackerResponseOptions {
  readonly logic: TrackerLogic;
  readonly rateLimits: AddressLimits;
  readonly counters: TrackerCounters;
  /** Makes scrapes of all swarms; `undefined`: a scrape has to name info-hashes. */
  readonly fullScrape?: FullScrape | undefined;
  readonly clock: Clock;
  readonly report: ReportError;
}

/** The parts of a tracker request that decide its response. */
export type TrackerRequest = Pick<TrackerRequestHead, 'path' | 'query' | 'passkey'>;

/**
 * Makes the body of the response to a tracker request. A refusal is a body as well, since clients read `failure reason`
 * only in a response with status 200. Errors inside the tracker are reported, and the client is told only that it failed:
 * nothing is thrown, and no promise rejects.
 *
 * @param memory memory for a body that is made at once; a later one has its own memory, with as much room
 * @returns `cut` when the client goes on asking after it was refused: the connection is to be closed without a response
 */
export function answerTrackerRequest(
  options: TrackerResponseOptions,
  { path, query, passkey }: TrackerRequest,
  clientAddress: ClientAddress,
  memory = OWN_MEMORY,
): MaybePromise<Uint8Array> | 'cut' {
  const { logic, rateLimits, counters, clock, report } = options;
  const { http } = counters;
  if (path === '/announce') http.announces += 1;
  else http.scrapes += 1;
  if (!rateLimits.requests.admits(clientAddress.ip, 1, clock.now())) {
    http.refused += 1;
    if (!rateLimits.unpriced.admits(clientAddress.ip, 1, clock.now())) return 'cut';
    return encodeTrackerFailure(tooManyRequests(logic.interval), memory);
  }
  const started = http.latency.start();
  try {
    const answer =
      path === '/announce'
        ? announce(logic, query, clientAddress, passkey, http, memory)
        : scrape(options, query, clientAddress, passkey, memory);
    if (answer instanceof Promise) return finish(answer, path, report, http, started, memory);
    http.latency.end(started);
    return answer;
  } catch (thrown) {
    return refusal(thrown, path, report, http, memory);
  }
}

async function finish(
  answer: Promise<Uint8Array>,
  path: string,
  report: ReportError,
  counters: TransportCounters,
  started: number | undefined,
  { room }: ResponseMemory,
): Promise<Uint8Array> {
  try {
    return await answer;
  } catch (thrown) {
    return refusal(thrown, path, report, counters, ownMemory(room));
  } finally {
    counters.latency.end(started);
  }
}

/**
 * Makes the body of the response to a scrape of all swarms, in parts.
 *
 * @returns a refusal in one part, or the parts of {@link FullScrape.body}; it rejects as that does. `cut` as with
 * {@link answerTrackerRequest}
 */
export async function answerFullScrape(
  { logic, rateLimits, counters, clock }: TrackerResponseOptions,
  fullScrape: FullScrape,
  { passkey }: TrackerRequest,
  clientAddress: ClientAddress,
): Promise<readonly Uint8Array[] | 'cut'> {
  counters.http.scrapes += 1;
  const isTooMuch = !rateLimits.requests.admits(clientAddress.ip, FULL_SCRAPE_COST, clock.now());
  const refusal = isTooMuch ? tooManyRequests(logic.interval) : logic.refuseScrape(passkey);
  if (refusal === undefined) return fullScrape.body();
  counters.http.refused += 1;
  if (isTooMuch && !rateLimits.unpriced.admits(clientAddress.ip, 1, clock.now())) return 'cut';
  return [encodeTrackerFailure(refusal)];
}

export function isFullScrape({ path, query }: TrackerRequest): boolean {
  return path === '/scrape' && !/(?:^|&)info_hash=/.test(latin1(query));
}

function announce(
  logic: TrackerLogic,
  query: Uint8Array,
  clientAddress: ClientAddress,
  passkey: string | undefined,
  counters: TransportCounters,
  memory: ResponseMemory,
): MaybePromise<Uint8Array> {
  const request = parseAnnounceQuery(query);
  const response = logic.announce(request, clientAddress, passkey);
  return response instanceof Promise
    ? response.then((known) => encodeAnnounce(known, request, counters, ownMemory(memory.room)))
    : encodeAnnounce(response, request, counters, memory);
}

function encodeAnnounce(
  response: CompactAnnounceResponse | TrackerFailure,
  { compact }: AnnounceRequest,
  counters: TransportCounters,
  memory: ResponseMemory,
): Uint8Array {
  if ('failureReason' in response) return encodeFailure(response, counters, memory);
  return encodeAnnounceResponse(response, compact ? 'compact' : 'dictionary', memory);
}

function scrape(
  { logic, rateLimits, counters: { http }, clock }: TrackerResponseOptions,
  query: Uint8Array,
  { ip }: ClientAddress,
  passkey: string | undefined,
  memory: ResponseMemory,
): MaybePromise<Uint8Array> {
  const request = parseScrapeQuery(query);
  if (!rateLimits.admitsScrape(ip, request.infoHashes.length, clock.now())) {
    return encodeFailure(tooManyRequests(logic.interval), http, memory);
  }
  const response = logic.scrape(request, passkey);
  return response instanceof Promise
    ? response.then((known) => encodeScrape(known, http, ownMemory(memory.room)))
    : encodeScrape(response, http, memory);
}

function encodeScrape(
  response: ScrapeResponse | TrackerFailure,
  counters: TransportCounters,
  memory: ResponseMemory,
): Uint8Array {
  if ('failureReason' in response) return encodeFailure(response, counters, memory);
  return encodeScrapeResponse(response, memory);
}

function encodeFailure(
  failure: TrackerFailure,
  counters: TransportCounters,
  memory: ResponseMemory,
): Uint8Array {
  counters.countFailure(failure);
  return encodeTrackerFailure(failure, memory);
}

function refusal(
  thrown: unknown,
  path: string,
  report: ReportError,
  counters: TransportCounters,
  memory: ResponseMemory,
): Uint8Array {
  if (thrown instanceof TrackerRequestError) {
    counters.malformed += 1;
    return encodeTrackerFailure({ failureReason: thrown.message, retryIn: 'never' }, memory);
  }
  counters.failed += 1;
  report(toError(thrown), `answer ${path}`);
  return encodeTrackerFailure(TRACKER_FAILED, memory);
}

const TRACKER_FAILED: TrackerFailure = {
  failureReason: 'The tracker has failed',
  retryIn: FAILED_RETRY_IN,
  interval: FAILED_RETRY_IN * 60,
};

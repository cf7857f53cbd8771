import {
  type AnnounceRequest,
  type CompactAnnounceResponse,
  encodeAnnounceResponse,
  encodeScrapeResponse,
  encodeTrackerFailure,
  parseAnnounceQuery,
  parseScrapeQuery,
  type ScrapeResponse,
  type TrackerFailure,
  TrackerRequestError,
} from '../../tracker-protocol/index.ts';
import { type Clock, type ReportError, toError } from '../../util/index.ts';
import type { AbuseLimits } from '../abuse/index.ts';
import type { Sender, TrackerLogic } from '../announce.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { RequestHead } from './request-head.ts';

/** Minutes after which to try again when the tracker itself has failed. */
const FAILED_RETRY_IN = 5;
/** The same when an address has asked too much. */
const REFUSED_RETRY_IN = 1;

export interface TrackerAnswerOptions {
  readonly logic: TrackerLogic;
  readonly abuse: AbuseLimits;
  readonly clock: Clock;
  readonly report: ReportError;
}

/** What is asked, whoever has read it. */
export type TrackerRequest = Pick<RequestHead, 'path' | 'query' | 'passkey'>;

/**
 * The body that answers a tracker request. A refusal is one, too: clients read `failure reason` only in an answer with
 * status 200. What goes wrong inside is reported and not told: nothing is thrown, no promise rejects.
 */
export function answerTrackerRequest(
  { logic, abuse, clock, report }: TrackerAnswerOptions,
  { path, query, passkey }: TrackerRequest,
  sender: Sender,
): MaybePromise<Buffer> {
  if (!abuse.requests.admits(sender.ip, 1, clock.now())) {
    return encodeTrackerFailure({
      failureReason: 'Too many requests from your address',
      retryIn: REFUSED_RETRY_IN,
      interval: logic.interval,
    });
  }
  try {
    const answer =
      path === '/announce' ? announce(logic, query, sender, passkey) : scrape(logic, query, passkey);
    return answer instanceof Promise ? answer.catch((thrown) => refusal(thrown, path, report)) : answer;
  } catch (thrown) {
    return refusal(thrown, path, report);
  }
}

function announce(
  logic: TrackerLogic,
  query: string,
  sender: Sender,
  passkey: string | undefined,
): MaybePromise<Buffer> {
  const request = parseAnnounceQuery(query);
  const response = logic.announce(request, sender, passkey);
  return response instanceof Promise
    ? response.then((known) => encodeAnnounce(known, request))
    : encodeAnnounce(response, request);
}

function encodeAnnounce(
  response: CompactAnnounceResponse | TrackerFailure,
  { compact }: AnnounceRequest,
): Buffer {
  if ('failureReason' in response) return encodeTrackerFailure(response);
  return encodeAnnounceResponse(response, compact ? 'compact' : 'dictionary');
}

function scrape(logic: TrackerLogic, query: string, passkey: string | undefined): MaybePromise<Buffer> {
  const response = logic.scrape(parseScrapeQuery(query), passkey);
  return response instanceof Promise ? response.then(encodeScrape) : encodeScrape(response);
}

function encodeScrape(response: ScrapeResponse | TrackerFailure): Buffer {
  return 'failureReason' in response ? encodeTrackerFailure(response) : encodeScrapeResponse(response);
}

function refusal(thrown: unknown, path: string, report: ReportError): Buffer {
  if (thrown instanceof TrackerRequestError) {
    return encodeTrackerFailure({ failureReason: thrown.message, retryIn: 'never' });
  }
  report(toError(thrown), `answer ${path}`);
  return encodeTrackerFailure({
    failureReason: 'The tracker has failed',
    retryIn: FAILED_RETRY_IN,
    interval: FAILED_RETRY_IN * 60,
  });
}

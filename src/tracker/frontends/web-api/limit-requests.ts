import type { Context, MiddlewareHandler } from 'hono';
import { clientKey } from '../../../util/index.ts';
import { FREE_PATH } from '../http/index.ts';
import { ProblemError } from './problems.ts';
import type { WebApiOptions } from './web-api-options.ts';
import { clientAddressOfRequest } from './web-request.ts';

/** Seconds after which a client with too many requests may make another one. */
const RETRY_AFTER = 1;

/** Entries of a list, read or sent, that cost as much as one request. Each takes some microseconds. */
export const ENTRIES_PER_REQUEST = 25;
/** Bytes sent that cost as much as one request. */
export const BYTES_PER_REQUEST = 64 * 1024;

/** The prices, in requests, of the calls that take more or less time than others; all others cost 1. */
const PRICES: ReadonlyMap<string, number> = new Map([
  [FREE_PATH, 0],
  ['/api/v1/stats', 5],
  ['/metrics', 20],
  ['/openapi.json', 2],
]);

type PricedOptions = Pick<WebApiOptions, 'rateLimits' | 'clientAddresses' | 'clock'>;

/**
 * Refuses the calls of clients that make too many, before anything is read or looked up, and lets one call begin in each turn
 * of the event loop: a page of 1,000 entries takes some milliseconds.
 */
export function limitRequests(options: PricedOptions & Pick<WebApiOptions, 'turns'>): MiddlewareHandler {
  const { rateLimits, clientAddresses, clock, turns } = options;
  return async (context, next) => {
    const price = PRICES.get(context.req.path) ?? 1;
    const { ip } = clientAddressOfRequest(context, clientAddresses);
    if (price > 0) {
      if (!rateLimits.requests.admits(ip, price, clock.now())) throw tooMany();
      await turns.next(clientKey(ip));
      // Calls that were let in together were let in before the cost of each was known.
      if (!rateLimits.requests.admits(ip, 0, clock.now())) throw tooMany();
    }
    await next();
  };
}

function tooMany(): ProblemError {
  return new ProblemError(429, 'Too many requests from your address', {
    headers: { 'Retry-After': String(RETRY_AFTER) },
  });
}

/** Takes the cost of a call beyond the price of one request, once it is known. */
export function charge(
  { rateLimits, clientAddresses, clock }: PricedOptions,
  context: Context,
  { entries = 0, bytes = 0 }: { readonly entries?: number; readonly bytes?: number },
): void {
  const price = Math.floor(entries / ENTRIES_PER_REQUEST) + Math.floor(bytes / BYTES_PER_REQUEST);
  if (price > 0)
    rateLimits.requests.charge(clientAddressOfRequest(context, clientAddresses).ip, price, clock.now());
}

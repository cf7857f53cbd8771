import type { Context, MiddlewareHandler } from 'hono';
import { clientKey } from '../../../util/index.ts';
import { FREE_PATH } from '../http/index.ts';
import { ProblemError } from './problems.ts';
import type { WebApiOptions } from './web-api-options.ts';
import { clientAddressOfRequest } from './web-request.ts';

/** Seconds after which who has asked too much may ask some more. */
const RETRY_AFTER = 1;

/** Entries of a list, looked at or given, that cost as much as a request; each takes some microseconds. */
export const ENTRIES_PER_REQUEST = 25;
/** Bytes that are given and cost as much as a request. */
export const BYTES_PER_REQUEST = 64 * 1024;

/** What calls cost that take more or less than others, in requests; all others cost 1. */
const PRICES: ReadonlyMap<string, number> = new Map([
  [FREE_PATH, 0],
  ['/api/v1/stats', 5],
  ['/metrics', 20],
  ['/openapi.json', 2],
]);

type PricedOptions = Pick<WebApiOptions, 'rateLimits' | 'clientAddresses' | 'clock'>;

/**
 * Turns away who asks too much, before anything is read or looked up, and lets one call begin in each round of the event
 * loop: a page of 1,000 entries takes some milliseconds.
 */
export function limitRequests(options: PricedOptions & Pick<WebApiOptions, 'turns'>): MiddlewareHandler {
  const { rateLimits, clientAddresses, clock, turns } = options;
  return async (context, next) => {
    const price = PRICES.get(context.req.path) ?? 1;
    const { ip } = clientAddressOfRequest(context, clientAddresses);
    if (price > 0) {
      if (!rateLimits.requests.admits(ip, price, clock.now())) throw tooMany();
      await turns.next(clientKey(ip));
      // Those that were let in together were let in before it was known what each costs.
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

/** Takes what a call has cost beyond the price of a request, when that is known. */
export function charge(
  { rateLimits, clientAddresses, clock }: PricedOptions,
  context: Context,
  { entries = 0, bytes = 0 }: { readonly entries?: number; readonly bytes?: number },
): void {
  const price = Math.floor(entries / ENTRIES_PER_REQUEST) + Math.floor(bytes / BYTES_PER_REQUEST);
  if (price > 0)
    rateLimits.requests.charge(clientAddressOfRequest(context, clientAddresses).ip, price, clock.now());
}

import type { TrackerFailure } from '../../../tracker-protocol/index.ts';

/** The number of minutes after which an address that has asked too much may ask again. */
const RETRY_IN = 1;

/**
 * Makes the refusal of a request that is one too many.
 *
 * @param interval seconds for clients that do not know `retry in`
 * @see BEP 31
 */
export function tooManyRequests(interval: number): TrackerFailure {
  return { failureReason: 'Too many requests from your address', retryIn: RETRY_IN, interval };
}

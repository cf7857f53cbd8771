import { type ReportError, ShoalError } from '../../util/index.ts';

/**
 * The error for a server with the swarms or the catalog that does not answer now. It is no fault of the request: peers are
 * told when to come again, and clients of the web API get 503.
 */
export class StoreUnavailableError extends ShoalError<
  /** The server cannot be reached, or did not answer in time. */
  | 'STORE_AWAY'
  /** So many calls wait for it that another is not taken. */
  | 'STORE_BUSY'
> {}

/** The number of minutes after which peers are asked to come again. */
export const STORE_RETRY_IN = 1;

/** Reports other errors only, because it was reported already that the store does not answer. */
export function unlessAway(report: ReportError): ReportError {
  return (error, context) => {
    if (!(error instanceof StoreUnavailableError)) report(error, context);
  };
}

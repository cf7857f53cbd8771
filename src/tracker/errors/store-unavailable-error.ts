import { type ReportError, ShoalError } from '../../util/index.ts';

/**
 * The server on which swarms or the catalog are kept does not answer now. Not a fault of the request: peers are told
 * when to come again, clients of the web API get 503.
 */
export class StoreUnavailableError extends ShoalError<
  /** It cannot be reached, or did not answer in time. */
  | 'STORE_AWAY'
  /** So many calls wait for it that another is not taken. */
  | 'STORE_BUSY'
> {}

/** Minutes after which peers are asked to come again. */
export const STORE_RETRY_IN = 1;

/** Reports other errors only: that the store is away was told when it went. */
export function unlessAway(report: ReportError): ReportError {
  return (error, context) => {
    if (!(error instanceof StoreUnavailableError)) report(error, context);
  };
}

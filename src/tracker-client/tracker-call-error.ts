import { ShoalError } from '../util/index.ts';
import { networkFinding } from './network-finding.ts';

/**
 * The kinds of failure of a call:
 *
 * - `UNREACHABLE`: no connection could be made, or it broke in the middle
 * - `TIMED_OUT`: there was no whole response in time
 * - `ABORTED`: the caller's signal has ended the call
 * - `UNSUPPORTED`: the scheme of the URL is not supported, such as `wss:`; another try is of no use
 * - `NOT_ALLOWED`: a torrent or a redirect leads to an address that only a user may choose; see `TrackerReach`
 * - `BAD_STATUS`: the HTTP status is no success; see `status`
 * - `BAD_RESPONSE`: the response cannot be understood
 * - `TOO_LARGE`: the response is above the limit for its kind, or a metainfo above that of a registry
 * - `FAILURE`: the tracker has refused and says why; see `failureReason` and `retryIn`
 */
export type TrackerCallErrorCode =
  | 'UNREACHABLE'
  | 'TIMED_OUT'
  | 'ABORTED'
  | 'UNSUPPORTED'
  | 'NOT_ALLOWED'
  | 'BAD_STATUS'
  | 'BAD_RESPONSE'
  | 'TOO_LARGE'
  | 'FAILURE';

/** The fields of a {@link TrackerCallError}. */
export interface TrackerCallErrorFields {
  /** The HTTP status, with `BAD_STATUS`. */
  readonly status?: number;
  /** The tracker's own words, with `FAILURE`. They are a stranger's text, made printable; show them as a quotation. */
  readonly failureReason?: string;
  /** The minutes until another try is worth it, or `never`. @see BEP 31 */
  readonly retryIn?: number | 'never';
  /** Whether another try is very likely of no use; see {@link TrackerCallError.isHopeless}. */
  readonly isHopeless?: boolean;
  /** A sentence for the user on what to do. */
  readonly advice?: string;
  readonly cause?: unknown;
}

/** The error of a call to a tracker: an announce, a scrape, a look-up or a registration. */
export class TrackerCallError extends ShoalError<TrackerCallErrorCode> {
  readonly status?: number;
  readonly failureReason?: string;
  readonly retryIn?: number | 'never';
  /**
   * Whether another try is very likely of no use: the scheme is not supported, there is no host of that name, TLS is refused,
   * the certificate is bad, or the tracker itself says `never`.
   */
  readonly isHopeless: boolean;
  /** A sentence for the user on what to do; `undefined` when the message says it, or there is no advice. */
  readonly advice?: string;

  constructor(code: TrackerCallErrorCode, message: string, fields: TrackerCallErrorFields = {}) {
    super(code, message, 'cause' in fields ? { cause: fields.cause } : {});
    if (fields.status !== undefined) this.status = fields.status;
    if (fields.failureReason !== undefined) this.failureReason = fields.failureReason;
    if (fields.retryIn !== undefined) this.retryIn = fields.retryIn;
    if (fields.advice !== undefined) this.advice = fields.advice;
    this.isHopeless = fields.isHopeless ?? (code === 'UNSUPPORTED' || fields.retryIn === 'never');
  }
}

/** Makes the error for a tracker that could not be reached. @param what the attempt */
export function unreachable(what: string, cause: NodeJS.ErrnoException): TrackerCallError {
  const { found, ...fields } = networkFinding(cause);
  return new TrackerCallError('UNREACHABLE', `${what}: ${found}`, { ...fields, cause });
}

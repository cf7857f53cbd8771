import { ShoalError } from '../util/index.ts';
import { networkFinding } from './network-finding.ts';

/**
 * - `UNREACHABLE` no connection, or it broke in the middle
 * - `TIMED_OUT` connected or not, there was no whole answer in time
 * - `ABORTED` the caller's signal
 * - `UNSUPPORTED` a scheme that is not spoken: `wss:`; trying again is no use
 * - `NOT_ALLOWED` a torrent, or a redirect, leads to an address that strangers may not have asked; see `TrackerReach`
 * - `BAD_STATUS` an HTTP status that is no success; see `status`
 * - `BAD_RESPONSE` an answer that cannot be understood
 * - `TOO_LARGE` an answer above the limit for its kind, or a metainfo above that of a registry
 * - `FAILURE` the tracker refused and said why; see `failureReason` and `retryIn`
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

export interface TrackerCallErrorFields {
  /** The HTTP status, with `BAD_STATUS`. */
  readonly status?: number;
  /** The tracker's own words, with `FAILURE`: a stranger's text, made printable, to be shown as such. */
  readonly failureReason?: string;
  /** Minutes until it is worth trying again, or `never`. @see BEP 31 */
  readonly retryIn?: number | 'never';
  /** `true` when asking again is of no use, as far as can be told; see {@link TrackerCallError.isHopeless}. */
  readonly isHopeless?: boolean;
  /** A sentence for a user on what to do about it. */
  readonly advice?: string;
  readonly cause?: unknown;
}

/** Something asked of a tracker that was not got. */
export class TrackerCallError extends ShoalError<TrackerCallErrorCode> {
  readonly status?: number;
  readonly failureReason?: string;
  readonly retryIn?: number | 'never';
  /**
   * `true` when asking again is of no use, as far as can be told: the scheme is not spoken, there is no host of that name,
   * TLS is refused or the certificate is not good, or the tracker itself says `never`.
   */
  readonly isHopeless: boolean;
  /** A sentence for a user on what to do about it; absent where the message says it, or nothing can be done. */
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

/** Says that a tracker could not be reached, and why. @param what was attempted */
export function unreachable(what: string, cause: NodeJS.ErrnoException): TrackerCallError {
  const { found, ...fields } = networkFinding(cause);
  return new TrackerCallError('UNREACHABLE', `${what}: ${found}`, { ...fields, cause });
}

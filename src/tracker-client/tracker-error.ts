import { ShoalError } from '../util/index.ts';

/**
 * - `UNREACHABLE` no connection, or it broke in the middle
 * - `TIMED_OUT` connected or not, there was no whole answer in time
 * - `ABORTED` the caller's signal
 * - `UNSUPPORTED` a scheme that is not spoken: `wss:`; trying again is no use
 * - `BAD_STATUS` an HTTP status that is no success; see `status`
 * - `BAD_RESPONSE` an answer that cannot be understood
 * - `TOO_LARGE` an answer above the limit for its kind
 * - `FAILURE` the tracker refused and said why; see `failureReason` and `retryIn`
 */
export type TrackerErrorCode =
  | 'UNREACHABLE'
  | 'TIMED_OUT'
  | 'ABORTED'
  | 'UNSUPPORTED'
  | 'BAD_STATUS'
  | 'BAD_RESPONSE'
  | 'TOO_LARGE'
  | 'FAILURE';

export interface TrackerErrorFields {
  /** The HTTP status, with `BAD_STATUS`. */
  readonly status?: number;
  /** The tracker's own words, with `FAILURE`: a stranger's text, made printable, to be shown as such. */
  readonly failureReason?: string;
  /** Minutes until it is worth trying again, or `never`. @see BEP 31 */
  readonly retryIn?: number | 'never';
  readonly cause?: unknown;
}

/** Something asked of a tracker that was not got. */
export class TrackerError extends ShoalError<TrackerErrorCode> {
  readonly status?: number;
  readonly failureReason?: string;
  readonly retryIn?: number | 'never';

  constructor(code: TrackerErrorCode, message: string, fields: TrackerErrorFields = {}) {
    super(code, message, 'cause' in fields ? { cause: fields.cause } : {});
    if (fields.status !== undefined) this.status = fields.status;
    if (fields.failureReason !== undefined) this.failureReason = fields.failureReason;
    if (fields.retryIn !== undefined) this.retryIn = fields.retryIn;
  }
}

/** Characters of a tracker's own words that are kept. */
export const MAX_REMOTE_TEXT = 300;

/** A stranger's text on one line, without what a terminal would obey. */
export function printable(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length <= MAX_REMOTE_TEXT ? line : `${line.slice(0, MAX_REMOTE_TEXT - 1)}…`;
}

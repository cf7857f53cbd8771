import { ShoalError } from '../../../util/index.ts';

/**
 * Why a list of info-hashes, or the file of tokens, is of no use.
 *
 * - `UNREADABLE`, `UNWRITABLE` the system says so
 * - `TOO_LARGE` it has more than it may have
 * - `BAD_LINE` a line is not what it should be; the message names it
 */
export class AccessFileError extends ShoalError<'UNREADABLE' | 'UNWRITABLE' | 'TOO_LARGE' | 'BAD_LINE'> {}

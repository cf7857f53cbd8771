import { ShoalError } from '../../../util/index.ts';

/**
 * The error of a list of info-hashes, or of a file of tokens, that cannot be used.
 *
 * - `UNREADABLE`, `UNWRITABLE` the system says so
 * - `TOO_LARGE` it has more than it may have
 * - `BAD_LINE` a line is not what it should be; the message names it
 */
export class AccessFileError extends ShoalError<'UNREADABLE' | 'UNWRITABLE' | 'TOO_LARGE' | 'BAD_LINE'> {}

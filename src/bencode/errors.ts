import { ShoalError } from '../util/index.ts';

export type BencodeErrorCode =
  /** The input, its depth or the number of its values passes a limit. */
  | 'TOO_LARGE'
  | 'TOO_DEEP'
  | 'TOO_MANY_VALUES'
  /** The input ends inside a value, or goes on after it. */
  | 'TRUNCATED'
  | 'TRAILING_BYTES'
  /** A byte that starts no value. */
  | 'BAD_VALUE'
  /** A leading zero, `-0`, no digits, other characters than digits. */
  | 'BAD_INTEGER'
  /** Does not fit a signed 64-bit integer. */
  | 'INTEGER_RANGE'
  /** A string's length is no plain decimal number. */
  | 'BAD_STRING_LENGTH'
  | 'BAD_KEY'
  | 'UNSORTED_KEYS'
  | 'DUPLICATE_KEY'
  /** A value that bencode has no form for. */
  | 'NOT_ENCODABLE';

/** The error for bytes that are not bencode by BEP 3, or for a value that cannot be bencoded. */
export class BencodeError extends ShoalError<BencodeErrorCode> {
  /** The offset in the input at which the fault was found; absent when encoding. */
  readonly offset: number | undefined;

  constructor(code: BencodeErrorCode, message: string, offset?: number) {
    super(code, offset === undefined ? message : `${message} at byte ${offset}`);
    this.offset = offset;
  }
}

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

/** Bytes that are not bencode as BEP 3 has it, or a value that cannot be bencoded. */
export class BencodeError extends ShoalError<BencodeErrorCode> {
  /** Where in the input the fault was found; absent when encoding. */
  readonly offset: number | undefined;

  constructor(code: BencodeErrorCode, message: string, offset?: number) {
    super(code, offset === undefined ? message : `${message} at byte ${offset}`);
    this.offset = offset;
  }
}

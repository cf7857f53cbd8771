import { ShoalError } from '../util/index.ts';

/** The reasons why bytes are not bencode, or why a value cannot be bencoded. */
export type BencodeErrorCode =
  /** The input, its depth or the number of its values passes a limit. */
  | 'TOO_LARGE'
  | 'TOO_DEEP'
  | 'TOO_MANY_VALUES'
  /** The input ends inside a value, or goes on after it. */
  | 'TRUNCATED'
  | 'TRAILING_BYTES'
  /** A byte at which a value must begin begins none. */
  | 'BAD_VALUE'
  /** An integer has a leading zero, is `-0`, has no digits, or has other characters than digits. */
  | 'BAD_INTEGER'
  /** An integer does not fit into 64 bits with a sign. */
  | 'INTEGER_RANGE'
  /** The length of a string is no plain decimal number. */
  | 'BAD_STRING_LENGTH'
  | 'BAD_KEY'
  | 'UNSORTED_KEYS'
  | 'DUPLICATE_KEY'
  /** A value has no form in bencode. */
  | 'NOT_ENCODABLE';

/** The error for bytes that are not bencode by BEP 3, or for a value that cannot be bencoded. */
export class BencodeError extends ShoalError<BencodeErrorCode> {
  /** The offset in the input at which the fault was found; `undefined` when encoding. */
  readonly offset: number | undefined;

  constructor(code: BencodeErrorCode, message: string, offset?: number) {
    super(code, offset === undefined ? message : `${message} at byte ${offset}`);
    this.offset = offset;
  }
}

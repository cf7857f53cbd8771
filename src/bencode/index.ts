export { ArgumentError } from '../util/index.ts';
export { BencodeCursor } from './cursor.ts';
export { type DecodeOptions, decode, decodePrefix } from './decode.ts';
export { Bencoded, type Encodable, encode } from './encode.ts';
export { BencodeError, type BencodeErrorCode } from './errors.ts';
export {
  MAX_BENCODE_BYTES,
  MAX_BENCODE_DEPTH,
  MAX_BENCODE_INTEGER,
  MAX_BENCODE_VALUES,
  MIN_BENCODE_INTEGER,
} from './limits.ts';
export type { BencodeSpan } from './span.ts';
export { bytesToText } from './text.ts';
export {
  BencodeDictionary,
  type BencodeValue,
  keyToText,
  textToKey,
} from './value.ts';

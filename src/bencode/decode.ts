import { BencodeError } from './errors.ts';
import {
  MAX_BENCODE_BYTES,
  MAX_BENCODE_DEPTH,
  MAX_BENCODE_INTEGER,
  MAX_BENCODE_VALUES,
  MIN_BENCODE_INTEGER,
} from './limits.ts';
import { BencodeDictionary, type BencodeValue } from './value.ts';

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const COLON = 0x3a;
const INTEGER = 0x69; // i
const LIST = 0x6c; // l
const DICTIONARY = 0x64; // d
const END = 0x65; // e

/** Digits of any number that is certain to be a safe integer. */
const SAFE_DIGITS = 15;
/** Digits of the largest signed 64-bit integer. */
const MAX_DIGITS = 19;

export interface DecodeOptions {
  /** Takes keys in any order, as some programs write them. A key that stands twice is refused all the same. */
  readonly lenient?: boolean;
  /** At most {@link MAX_BENCODE_BYTES} unless given. No string can be longer than this. */
  readonly maxBytes?: number;
  /** At most {@link MAX_BENCODE_DEPTH} unless given. */
  readonly maxDepth?: number;
  /** At most {@link MAX_BENCODE_VALUES} unless given. */
  readonly maxValues?: number;
}

/**
 * Reads one bencoded value that fills the whole input. Strict as BEP 3: no leading zeros, no `-0`, keys sorted and
 * unique, nothing after the value.
 *
 * Strings of the result are views into `bytes`: copy what must outlive it.
 *
 * @throws {BencodeError} and nothing else, whatever the bytes are
 * @see BEP 3, `bencoding`
 *
 * @example
 * ```ts
 * const answer = decode(body);
 * if (answer instanceof BencodeDictionary) console.log(answer.getInteger('interval'));
 * ```
 */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): BencodeValue {
  const { value, end } = decodePrefix(bytes, options);
  if (end < bytes.length) {
    throw new BencodeError(
      'TRAILING_BYTES',
      'Cannot decode bencode: found bytes after the end of the value',
      end,
    );
  }
  return value;
}

/**
 * Reads one bencoded value from the start of the input and says where it ends, for messages that go on after it.
 *
 * @throws {BencodeError}
 * @see BEP 9, `data` messages
 */
export function decodePrefix(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): { readonly value: BencodeValue; readonly end: number } {
  const maxBytes = options.maxBytes ?? MAX_BENCODE_BYTES;
  if (bytes.length > maxBytes) {
    throw new BencodeError(
      'TOO_LARGE',
      `Cannot decode bencode: found ${bytes.length} bytes, at most ${maxBytes} are taken`,
    );
  }
  const decoder = new Decoder(bytes, options);
  const value = decoder.readValue(0);
  return { value, end: decoder.at };
}

/** Reads forward through the input; `at` is the next byte. */
class Decoder {
  at = 0;
  readonly #bytes: Uint8Array;
  /** The same memory, for its fast conversion to latin1. */
  readonly #buffer: Buffer;
  readonly #lenient: boolean;
  readonly #maxDepth: number;
  #valuesLeft: number;

  constructor(bytes: Uint8Array, options: DecodeOptions) {
    // A Buffer's views are Buffers, which slice() differently.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#lenient = options.lenient ?? false;
    this.#maxDepth = options.maxDepth ?? MAX_BENCODE_DEPTH;
    this.#valuesLeft = options.maxValues ?? MAX_BENCODE_VALUES;
  }

  readValue(depth: number): BencodeValue {
    if (this.#valuesLeft === 0) throw this.#error('TOO_MANY_VALUES', 'found more values than are taken');
    this.#valuesLeft -= 1;
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw this.#error('TRUNCATED', 'expected a value, found the end of the input');
    if (byte >= ZERO && byte <= NINE) return this.#readString();
    if (byte === INTEGER) return this.#readInteger();
    if (byte !== LIST && byte !== DICTIONARY) {
      throw this.#error('BAD_VALUE', `expected a value, found byte 0x${byte.toString(16).padStart(2, '0')}`);
    }
    if (depth === this.#maxDepth) {
      throw this.#error('TOO_DEEP', `found lists and dictionaries nested more than ${this.#maxDepth} deep`);
    }
    this.at += 1;
    return byte === LIST ? this.#readList(depth + 1) : this.#readDictionary(depth + 1);
  }

  #readList(depth: number): BencodeValue[] {
    const list: BencodeValue[] = [];
    while (this.#bytes[this.at] !== END) list.push(this.readValue(depth));
    this.at += 1;
    return list;
  }

  #readDictionary(depth: number): BencodeDictionary {
    const dictionary = BencodeDictionary.decodedFrom(this.#bytes, this.at - 1);
    let previous: string | undefined;
    while (this.#bytes[this.at] !== END) {
      const keyAt = this.at;
      const key = this.#readKey();
      // Characters stand for bytes, so comparing strings compares raw bytes.
      if (previous !== undefined && key <= previous && (!this.#lenient || key === previous)) {
        throw key === previous
          ? this.#error('DUPLICATE_KEY', `found the key ${JSON.stringify(key)} twice`, keyAt)
          : this.#error('UNSORTED_KEYS', `found the key ${JSON.stringify(key)} out of order`, keyAt);
      }
      if (this.#lenient && dictionary.has(key)) {
        throw this.#error('DUPLICATE_KEY', `found the key ${JSON.stringify(key)} twice`, keyAt);
      }
      previous = key;
      dictionary.set(key, this.readValue(depth));
    }
    this.at += 1;
    return dictionary;
  }

  #readKey(): string {
    const byte = this.#bytes[this.at];
    if (byte === undefined)
      throw this.#error('TRUNCATED', 'expected a key or `e`, found the end of the input');
    if (byte < ZERO || byte > NINE) throw this.#error('BAD_KEY', 'expected a key, which is a string');
    const length = this.#readStringLength();
    const key = this.#buffer.toString('latin1', this.at, this.at + length);
    this.at += length;
    return key;
  }

  #readString(): Uint8Array {
    const length = this.#readStringLength();
    const start = this.at;
    this.at += length;
    return this.#bytes.subarray(start, this.at);
  }

  /** Leaves `at` on the first byte of the string, all of which is there. */
  #readStringLength(): number {
    const start = this.at;
    let length = 0;
    for (;;) {
      const byte = this.#bytes[this.at];
      if (byte === undefined)
        throw this.#error('TRUNCATED', 'the input ends inside the length of a string', start);
      if (byte === COLON) break;
      if (byte < ZERO || byte > NINE) {
        throw this.#error('BAD_STRING_LENGTH', 'expected a digit or `:` in the length of a string');
      }
      if (this.at > start && length === 0) {
        throw this.#error('BAD_STRING_LENGTH', 'found a leading zero in the length of a string', start);
      }
      length = length * 10 + (byte - ZERO);
      // Also ends the loop early on a length of a thousand digits.
      if (length > this.#bytes.length)
        throw this.#error('TRUNCATED', 'a string is longer than the input', start);
      this.at += 1;
    }
    this.at += 1;
    if (length > this.#bytes.length - this.at) {
      throw this.#error(
        'TRUNCATED',
        `a string of ${length} bytes is longer than the rest of the input`,
        start,
      );
    }
    return length;
  }

  #readInteger(): number | bigint {
    const start = this.at;
    this.at += 1;
    const isNegative = this.#bytes[this.at] === MINUS;
    if (isNegative) this.at += 1;
    const digitsAt = this.at;
    let magnitude = 0;
    for (;;) {
      const byte = this.#bytes[this.at];
      if (byte === undefined) throw this.#error('TRUNCATED', 'the input ends inside an integer', start);
      if (byte === END) break;
      if (byte < ZERO || byte > NINE)
        throw this.#error('BAD_INTEGER', 'expected a digit or `e` in an integer');
      if (this.at - digitsAt === MAX_DIGITS) throw this.#outOfRange(start);
      magnitude = magnitude * 10 + (byte - ZERO);
      this.at += 1;
    }
    const digits = this.at - digitsAt;
    if (digits === 0) throw this.#error('BAD_INTEGER', 'found an integer without digits', start);
    if (this.#bytes[digitsAt] === ZERO && (digits > 1 || isNegative)) {
      throw this.#error('BAD_INTEGER', 'found a leading zero or -0 in an integer', start);
    }
    this.at += 1;
    if (digits <= SAFE_DIGITS) return isNegative ? -magnitude : magnitude;
    return this.#wideInteger(start);
  }

  /** An integer that may be too wide for a number: read again, exactly, from `i` at `start` to `e` before `at`. */
  #wideInteger(start: number): number | bigint {
    const exact = BigInt(this.#buffer.toString('latin1', start + 1, this.at - 1));
    if (exact > MAX_BENCODE_INTEGER || exact < MIN_BENCODE_INTEGER) throw this.#outOfRange(start);
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : exact;
  }

  #outOfRange(start: number): BencodeError {
    return this.#error('INTEGER_RANGE', 'found an integer that does not fit in 64 bits', start);
  }

  #error(code: BencodeError['code'], found: string, offset = this.at): BencodeError {
    return new BencodeError(code, `Cannot decode bencode: ${found}`, offset);
  }
}

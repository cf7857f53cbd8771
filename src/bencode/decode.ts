import { checkArgument, valueRules } from '../util/index.ts';
import { BencodeError } from './errors.ts';
import {
  MAX_BENCODE_BYTES,
  MAX_BENCODE_DEPTH,
  MAX_BENCODE_INTEGER,
  MAX_BENCODE_VALUES,
  MIN_BENCODE_INTEGER,
} from './limits.ts';
import type { BencodeSpan } from './span.ts';
import { BencodeDictionary, type BencodeValue } from './value.ts';

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const COLON = 0x3a;
const INTEGER = 0x69; // i
const LIST = 0x6c; // l
const DICTIONARY = 0x64; // d
const END = 0x65; // e

/** The number of digits up to which any number is a safe integer. */
const SAFE_DIGITS = 15;
/** The number of digits of the largest signed 64-bit integer. */
const MAX_DIGITS = 19;
/** The number of characters that an error message shows of a key. */
const MAX_QUOTED = 80;

/** The place of a key's bytes, without the length before them. */
type Key = BencodeSpan;

/** The options of {@link decode} and {@link decodePrefix}. */
export interface DecodeOptions {
  /**
   * Whether to take what some programs write although BEP 3 forbids it: keys in any order, a key twice (the first one
   * counts, as in libtorrent), and leading zeros in numbers. The default is `false`.
   */
  readonly lenient?: boolean;
  /** The most bytes of input, by default {@link MAX_BENCODE_BYTES}. No string can be longer than this. */
  readonly maxBytes?: number;
  /** The deepest nesting of lists and dictionaries, by default {@link MAX_BENCODE_DEPTH}. */
  readonly maxDepth?: number;
  /**
   * The most values, by default {@link MAX_BENCODE_VALUES}. Values that are not wanted do not count, as they take no
   * memory.
   */
  readonly maxValues?: number;
  /**
   * Tells whether the value of a key is wanted. Without this function, all are. Values that are not wanted are checked
   * and left out of their dictionary, but its `spanOf()` and `cursorAt()` still find them.
   *
   * @param depth of the dictionary: 0 for one that is not inside of another value
   */
  readonly isWanted?: (key: string, depth: number) => boolean;
}

/**
 * Reads one bencoded value that fills the whole input. It is as strict as BEP 3: no leading zeros, no `-0`, keys sorted
 * and unique, and no bytes after the value.
 *
 * Strings of the result are views into `bytes`. Copy a string that must outlive the input or that you change.
 *
 * @param bytes at most `maxBytes` of the options
 * @returns the value: integers as numbers, or as bigints where a number is not exact; strings as bytes
 * @throws {BencodeError} when the bytes are not bencode, or pass a limit of the options
 * @throws {ArgumentError} when `bytes` is no `Uint8Array`
 * @see BEP 3, `bencoding`
 *
 * @example
 * ```ts
 * import { BencodeDictionary, decode } from 'shoal/bencode';
 *
 * const response = decode(Buffer.from('d8:intervali1800ee'));
 * if (response instanceof BencodeDictionary) console.log(response.getInteger('interval')); // 1800
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
 * Reads one bencoded value from the start of the input and says where it ends, for messages with more behind the value.
 *
 * @returns the value, and the offset of the first byte behind it
 * @throws {BencodeError} when the bytes are not bencode, or pass a limit of the options
 * @see BEP 9, `data` messages
 */
export function decodePrefix(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): { readonly value: BencodeValue; readonly end: number } {
  checkArgument('decode()', 'bytes', bytes, valueRules.bytes);
  checkArgument('decode()', 'options', options, valueRules.object);
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

/** A reader that goes forward through the input; `at` is the offset of the next byte. */
class Decoder {
  at = 0;
  readonly #bytes: Uint8Array;
  /** The same memory as a Buffer, which turns bytes into latin1 faster. */
  readonly #buffer: Buffer;
  readonly #lenient: boolean;
  readonly #maxDepth: number;
  readonly #maxValues: number;
  readonly #isWanted: DecodeOptions['isWanted'];
  #values = 0;

  constructor(bytes: Uint8Array, options: DecodeOptions) {
    // Views of a Buffer would be Buffers, whose slice() does something else.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#lenient = options.lenient ?? false;
    this.#maxDepth = options.maxDepth ?? MAX_BENCODE_DEPTH;
    this.#maxValues = options.maxValues ?? MAX_BENCODE_VALUES;
    this.#isWanted = options.isWanted;
  }

  readValue(depth: number): BencodeValue {
    if (this.#values === this.#maxValues) {
      throw this.#error('TOO_MANY_VALUES', `found more values than the ${this.#maxValues} that are taken`);
    }
    this.#values += 1;
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw this.#noValue();
    if (byte >= ZERO && byte <= NINE) return this.#readString();
    if (byte === INTEGER) return this.#readInteger();
    this.#enter(byte, depth);
    return byte === LIST ? this.#readList(depth + 1) : this.#readDictionary(depth + 1);
  }

  /** Checks a value as strictly as {@link readValue} does, without making anything of it. */
  #passValue(depth: number): void {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw this.#noValue();
    if (byte >= ZERO && byte <= NINE) {
      const length = this.#readStringLength();
      this.at += length;
    } else if (byte === INTEGER) {
      this.#readInteger();
    } else {
      this.#enter(byte, depth);
      if (byte === LIST) this.#passList(depth + 1);
      else this.#passDictionary(depth + 1);
    }
  }

  /** Passes the first byte of a list or dictionary. */
  #enter(byte: number, depth: number): void {
    if (byte !== LIST && byte !== DICTIONARY) {
      throw this.#error('BAD_VALUE', `expected a value, found byte 0x${byte.toString(16).padStart(2, '0')}`);
    }
    if (depth === this.#maxDepth) {
      throw this.#error('TOO_DEEP', `found lists and dictionaries nested more than ${this.#maxDepth} deep`);
    }
    this.at += 1;
  }

  #readList(depth: number): BencodeValue[] {
    const list: BencodeValue[] = [];
    while (this.#bytes[this.at] !== END) list.push(this.readValue(depth));
    this.at += 1;
    return list;
  }

  #passList(depth: number): void {
    while (this.#bytes[this.at] !== END) this.#passValue(depth);
    this.at += 1;
  }

  #readDictionary(depth: number): BencodeDictionary {
    const dictionary = BencodeDictionary.decodedFrom(this.#bytes, this.at - 1);
    let before: Key | undefined;
    while (this.#bytes[this.at] !== END) {
      before = this.#readKey(before);
      const name = this.#nameOf(before);
      const isWanted = !dictionary.has(name) && (this.#isWanted?.(name, depth - 1) ?? true);
      if (isWanted) dictionary.set(name, this.readValue(depth));
      else this.#passValue(depth);
    }
    this.at += 1;
    return dictionary;
  }

  #passDictionary(depth: number): void {
    let before: Key | undefined;
    while (this.#bytes[this.at] !== END) {
      before = this.#readKey(before);
      this.#passValue(depth);
    }
    this.at += 1;
  }

  /**
   * Reads a key, and checks that it is in order.
   *
   * @param before the key before it in the dictionary, which it must come after unless this is lenient
   */
  #readKey(before: Key | undefined): Key {
    const keyAt = this.at;
    const byte = this.#bytes[keyAt];
    if (byte === undefined)
      throw this.#error('TRUNCATED', 'expected a key or `e`, found the end of the input');
    if (byte < ZERO || byte > NINE) throw this.#error('BAD_KEY', 'expected a key, which is a string');
    const length = this.#readStringLength();
    const key = { start: this.at, end: this.at + length };
    this.at = key.end;
    if (before === undefined || this.#lenient) return key;
    const order = this.#compare(before, key);
    if (order < 0) return key;
    const name = JSON.stringify(this.#nameOf(key).slice(0, MAX_QUOTED));
    throw order === 0
      ? this.#error('DUPLICATE_KEY', `found the key ${name} twice`, keyAt)
      : this.#error('UNSORTED_KEYS', `found the key ${name} out of order`, keyAt);
  }

  /** Compares two keys by their bytes. @returns below 0 when `a` comes first, 0 when they are equal */
  #compare(a: Key, b: Key): number {
    const common = Math.min(a.end - a.start, b.end - b.start);
    for (let at = 0; at < common; at += 1) {
      const difference = this.#bytes[a.start + at]! - this.#bytes[b.start + at]!;
      if (difference !== 0) return difference;
    }
    return a.end - a.start - (b.end - b.start);
  }

  /** Reads a key as a text of one character for each byte, as a dictionary has it. */
  #nameOf(key: Key): string {
    return this.#buffer.toString('latin1', key.start, key.end);
  }

  #readString(): Uint8Array {
    const length = this.#readStringLength();
    const start = this.at;
    this.at += length;
    return this.#bytes.subarray(start, this.at);
  }

  /** Reads the length of a string, and leaves `at` on its first byte. All bytes of the string are there. */
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
      if (this.at > start && length === 0 && !this.#lenient) {
        throw this.#error('BAD_STRING_LENGTH', 'found a leading zero in the length of a string', start);
      }
      length = length * 10 + (byte - ZERO);
      // This also ends the loop early on a length of a thousand digits.
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
    // A single zero is a digit.
    if (this.#lenient) while (this.#bytes[this.at] === ZERO && this.#bytes[this.at + 1] !== END) this.at += 1;
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
    if (this.#bytes[digitsAt] === ZERO && (digits > 1 || isNegative) && !this.#lenient) {
      throw this.#error('BAD_INTEGER', 'found a leading zero or -0 in an integer', start);
    }
    this.at += 1;
    if (digits <= SAFE_DIGITS) return isNegative && magnitude > 0 ? -magnitude : magnitude;
    return this.#wideInteger(start);
  }

  /** Reads an integer that may be too wide for a number once more, exactly. Its `i` is at `start`, its `e` before `at`. */
  #wideInteger(start: number): number | bigint {
    const exact = BigInt(this.#buffer.toString('latin1', start + 1, this.at - 1));
    if (exact > MAX_BENCODE_INTEGER || exact < MIN_BENCODE_INTEGER) throw this.#outOfRange(start);
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : exact;
  }

  #noValue(): BencodeError {
    return this.#error('TRUNCATED', 'expected a value, found the end of the input');
  }

  #outOfRange(start: number): BencodeError {
    return this.#error('INTEGER_RANGE', 'found an integer that does not fit in 64 bits', start);
  }

  #error(code: BencodeError['code'], found: string, offset = this.at): BencodeError {
    return new BencodeError(code, `Cannot decode bencode: ${found}`, offset);
  }
}

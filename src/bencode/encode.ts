import { describeValue } from '../util/index.ts';
import { BencodeError } from './errors.ts';
import { MAX_BENCODE_DEPTH, MAX_BENCODE_INTEGER, MIN_BENCODE_INTEGER } from './limits.ts';

/** A value that is bencoded already and is written as it is, such as an `info` dictionary whose bytes were hashed. */
export class Bencoded {
  /** Exactly one bencoded value. */
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/**
 * The values that `encode()` takes: all that `decode()` gives, JavaScript strings (written as UTF-8), and plain
 * objects, whose `undefined` properties are left out. Keys are as in `BencodeDictionary`, one character for each byte,
 * in any order.
 */
export type Encodable =
  | number
  | bigint
  | string
  | Uint8Array
  | Bencoded
  | readonly Encodable[]
  | ReadonlyMap<string, Encodable>
  | { readonly [key: string]: Encodable | undefined };

/**
 * Writes a value in its one bencoded form: keys sorted by their bytes.
 *
 * @returns new bytes, which the caller owns
 * @throws {BencodeError} `NOT_ENCODABLE` for a fraction, an unsafe or too wide integer, or a key that is no byte
 * string; `TOO_DEEP` for what could not be decoded again
 * @see BEP 3, `bencoding`
 *
 * @example
 * ```ts
 * import { encode } from 'shoal/bencode';
 *
 * const bytes = encode({ interval: 1800, peers: new Uint8Array(0) });
 * console.log(Buffer.from(bytes).toString()); // d8:intervali1800e5:peers0:e
 * ```
 */
export function encode(value: Encodable): Uint8Array {
  const writer = new Writer(new Uint8Array(measure(value, 0)));
  writer.write(value);
  return writer.bytes;
}

/** Counts the bytes that `value` takes. It throws for a value that cannot be written, so that writing need not check. */
function measure(value: Encodable, depth: number): number {
  if (typeof value === 'number' || typeof value === 'bigint') return integerText(value).length + 2;
  if (typeof value === 'string') return sizeOfString(Buffer.byteLength(value));
  if (value instanceof Uint8Array) return sizeOfString(value.length);
  if (value instanceof Bencoded) return value.bytes.length;
  if (!isEncodableObject(value)) throw notEncodable(describeValue(value));
  if (depth === MAX_BENCODE_DEPTH) {
    throw new BencodeError(
      'TOO_DEEP',
      `Cannot encode more than ${MAX_BENCODE_DEPTH} nested lists and dictionaries`,
    );
  }
  let size = 2;
  if (isList(value)) {
    for (const item of value) size += measure(item, depth + 1);
    return size;
  }
  for (const [key, item] of entriesOf(value)) size += sizeOfKey(key) + measure(item, depth + 1);
  return size;
}

/**
 * Tells whether a value is a list, a map or a plain object. Other objects, such as a set or a date, would be written as
 * empty dictionaries.
 */
function isEncodableObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value) || value instanceof Map) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

class Writer {
  readonly bytes: Uint8Array;
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  write(value: Encodable): void {
    if (typeof value === 'number' || typeof value === 'bigint') {
      this.#writeLatin1(`i${integerText(value)}e`);
    } else if (typeof value === 'string') {
      this.#writeLatin1(`${Buffer.byteLength(value)}:`);
      this.#at += this.#buffer.write(value, this.#at);
    } else if (value instanceof Uint8Array) {
      this.#writeLatin1(`${value.length}:`);
      this.#writeBytes(value);
    } else if (value instanceof Bencoded) {
      this.#writeBytes(value.bytes);
    } else if (isList(value)) {
      this.#writeLatin1('l');
      for (const item of value) this.write(item);
      this.#writeLatin1('e');
    } else {
      this.#writeDictionary(entriesOf(value));
    }
  }

  #writeDictionary(entries: [string, Encodable][]): void {
    // Characters stand for bytes, so comparing strings compares raw bytes.
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    this.#writeLatin1('d');
    for (const [key, item] of entries) {
      this.#writeLatin1(`${key.length}:${key}`);
      this.write(item);
    }
    this.#writeLatin1('e');
  }

  #writeLatin1(text: string): void {
    this.#at += this.#buffer.write(text, this.#at, 'latin1');
  }

  #writeBytes(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}

type EncodableDictionary = ReadonlyMap<string, Encodable> | { readonly [key: string]: Encodable | undefined };

function isList(value: readonly Encodable[] | EncodableDictionary): value is readonly Encodable[] {
  return Array.isArray(value);
}

function entriesOf(dictionary: EncodableDictionary): [string, Encodable][] {
  if (dictionary instanceof Map) return [...(dictionary as ReadonlyMap<string, Encodable>)];
  const entries: [string, Encodable][] = [];
  for (const [key, value] of Object.entries(dictionary)) if (value !== undefined) entries.push([key, value]);
  return entries;
}

function integerText(value: number | bigint): string {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw notEncodable(`the number ${value}, which is no safe integer`);
    return String(value);
  }
  if (value > MAX_BENCODE_INTEGER || value < MIN_BENCODE_INTEGER) {
    throw notEncodable(`the integer ${value}, which does not fit in 64 bits`);
  }
  return String(value);
}

function sizeOfString(length: number): number {
  return String(length).length + 1 + length;
}

function sizeOfKey(key: string): number {
  for (let at = 0; at < key.length; at += 1) {
    if (key.charCodeAt(at) > 0xff)
      throw notEncodable(`the key ${JSON.stringify(key)}, which is no byte string`);
  }
  return sizeOfString(key.length);
}

function notEncodable(what: string): BencodeError {
  return new BencodeError('NOT_ENCODABLE', `Cannot encode ${what}`);
}

import { printable } from '../util/index.ts';
import { ANNOUNCE_KEYS, type AnnounceKey } from './announce-keys.ts';
import { isAt, QueryPairs, TrackerRequestError, unescape20Bytes, unescapeText } from './query.ts';

/** The most characters of `ip`, `key` or `trackerid`: more than any client needs. */
export const MAX_ANNOUNCE_TEXT = 255;

/** The most characters of a value that a failure reason quotes. */
const MAX_QUOTED = 24;

const LONGEST_KEY = Math.max(...ANNOUNCE_KEYS.map(({ name }) => name.length));
/** The keys by {@link likenessOf}: no two have the same length and the same first character. */
const BY_LIKENESS: (AnnounceKey | undefined)[] = new Array((LONGEST_KEY + 1) << 5).fill(undefined);
for (const key of ANNOUNCE_KEYS) BY_LIKENESS[likenessOf(key.bytes.length, key.bytes[0]!)] = key;

const ZERO = 0x30;
/** The number of digits of 2^64. */
const MAX_DIGITS = 20;

/**
 * The values in the query of an announce, at most one for each key. Only their offsets are noted, because cutting keys and
 * values out of a text takes longer than answering the announce. The object is used again for the next announce.
 */
export class AnnounceValues {
  #query: Uint8Array = new Uint8Array();
  /** The offset of each key's value, by the key's number; -1 when there is none. */
  readonly #starts = new Int32Array(ANNOUNCE_KEYS.length);
  readonly #ends = new Int32Array(ANNOUNCE_KEYS.length);

  /** Reads another query. @throws {TrackerRequestError} `DUPLICATE_KEY` */
  read(query: Uint8Array): void {
    this.#query = query;
    this.#starts.fill(-1);
    for (const pairs = new QueryPairs(query); pairs.next(); ) {
      const known = knownKey(query, pairs.keyStart, pairs.keyEnd);
      if (known === undefined) continue;
      if (this.#starts[known.number] !== -1) {
        const message = `An announce takes ${known.name} once, found it twice`;
        throw new TrackerRequestError('DUPLICATE_KEY', message);
      }
      this.#starts[known.number] = pairs.start;
      this.#ends[known.number] = pairs.end;
    }
  }

  has(key: AnnounceKey): boolean {
    return this.#starts[key.number] !== -1;
  }

  /** Checks that a value is there. @throws {TrackerRequestError} `MISSING_KEY` */
  need(key: AnnounceKey): void {
    if (!this.has(key)) {
      throw new TrackerRequestError('MISSING_KEY', `An announce needs ${key.name}, found none`);
    }
  }

  /** Says whether there is a value and it equals these escaped bytes. */
  is(key: AnnounceKey, expected: Uint8Array): boolean {
    const { number } = key;
    return this.has(key) && isAt(this.#query, this.#starts[number]!, this.#ends[number]!, expected);
  }

  /** Reads 20 bytes into `bytes`. @throws {TrackerRequestError} `MISSING_KEY`, `BAD_VALUE` */
  into(key: AnnounceKey, bytes: Uint8Array): void {
    this.need(key);
    const { number } = key;
    unescape20Bytes(key.name, this.#query, this.#starts[number]!, this.#ends[number]!, bytes);
  }

  /**
   * @returns a number of up to 2^53 - 1, which stands for all larger ones; `undefined` when there is no value
   * @throws {TrackerRequestError} `BAD_VALUE`
   */
  count(key: AnnounceKey): number | undefined {
    if (!this.has(key)) return undefined;
    const { number } = key;
    const value = decimal(this.#query, this.#starts[number]!, this.#ends[number]!);
    if (value !== undefined) return value;
    const text = this.#text(key);
    const unescaped = decimal(Buffer.from(text, 'latin1'), 0, text.length);
    if (unescaped === undefined) throw badNumber(key, text);
    return unescaped;
  }

  /** Reads a number as {@link count} does; `undefined` also for a negative one. */
  positive(key: AnnounceKey): number | undefined {
    const isNegative = this.#query[this.#starts[key.number]!] === MINUS;
    return isNegative && /^-\d{1,20}$/.test(this.#text(key)) ? undefined : this.count(key);
  }

  /**
   * @returns the text, one character a byte; `undefined` when it is missing or empty
   * @throws {TrackerRequestError} `BAD_VALUE`
   */
  text(key: AnnounceKey): string | undefined {
    if (!this.has(key)) return undefined;
    const text = this.#text(key);
    if (text === '') return undefined;
    if (text.length <= MAX_ANNOUNCE_TEXT) return text;
    throw new TrackerRequestError(
      'BAD_VALUE',
      `${key.name} may have ${MAX_ANNOUNCE_TEXT} bytes, found ${text.length}`,
    );
  }

  #text(key: AnnounceKey): string {
    const { number } = key;
    return unescapeText(key.name, this.#query, this.#starts[number]!, this.#ends[number]!);
  }
}

export function badNumber(key: AnnounceKey, text: string): TrackerRequestError {
  return new TrackerRequestError(
    'BAD_VALUE',
    `${key.name} is not a number in range: found "${printable(text.slice(0, MAX_QUOTED))}"`,
  );
}

const MINUS = 0x2d;

function knownKey(query: Uint8Array, start: number, end: number): AnnounceKey | undefined {
  const length = end - start;
  if (length === 0 || length > LONGEST_KEY) return undefined;
  const known = BY_LIKENESS[likenessOf(length, query[start]!)];
  return known !== undefined && isAt(query, start, end, known.bytes) ? known : undefined;
}

/** Computes a number from the length and the first byte of a key. @param first the first byte */
function likenessOf(length: number, first: number): number {
  return (length << 5) | (first & 31);
}

/** Reads a number of 1 to {@link MAX_DIGITS} digits, at most 2^53 - 1; `undefined` for anything else. */
function decimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end === start || end - start > MAX_DIGITS) return undefined;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/**
 * What bencode can say. Integers are numbers where that is exact and bigints beyond; strings are bytes, and those of a
 * decoded value are views into its input, not copies.
 *
 * @see BEP 3, `bencoding`
 */
export type BencodeValue = number | bigint | Uint8Array | BencodeValue[] | BencodeDictionary;

/** Byte offsets of an encoded value in the input it was decoded from: `input.subarray(start, end)`. */
export interface BencodeSpan {
  readonly start: number;
  readonly end: number;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes as text, for people to read: what is not UTF-8 becomes U+FFFD. */
export function bytesToText(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/** A dictionary's key as text; see {@link BencodeDictionary} for why it is not text by itself. */
export function keyToText(key: string): string {
  return utf8.decode(Buffer.from(key, 'latin1'));
}

/** The inverse of {@link keyToText}. */
export function textToKey(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * A bencoded dictionary. Keys are byte strings, so each character of a key stands for one byte (latin1): ASCII keys
 * read as they are, others go through {@link keyToText} and {@link textToKey}.
 *
 * The getters return `undefined` both when the key is absent and when its value is of another kind: to a reader of
 * foreign data the two are the same, and where they are not, `has()` tells.
 */
export class BencodeDictionary extends Map<string, BencodeValue> {
  readonly #spans = new Map<string, BencodeSpan>();

  /** Sets what was decoded from `start` to `end`: for the decoder. */
  setDecoded(key: string, value: BencodeValue, start: number, end: number): void {
    this.set(key, value);
    this.#spans.set(key, { start, end });
  }

  /** Where the value of `key` stands in the decoded input; `undefined` for a key that was not decoded. */
  spanOf(key: string): BencodeSpan | undefined {
    return this.#spans.get(key);
  }

  /** An integer that a number holds exactly. */
  getInteger(key: string): number | undefined {
    const value = this.get(key);
    return typeof value === 'number' ? value : undefined;
  }

  getBytes(key: string): Uint8Array | undefined {
    const value = this.get(key);
    return value instanceof Uint8Array ? value : undefined;
  }

  /** A string as text: what is not UTF-8 becomes U+FFFD. */
  getText(key: string): string | undefined {
    const bytes = this.getBytes(key);
    return bytes === undefined ? undefined : bytesToText(bytes);
  }

  getList(key: string): BencodeValue[] | undefined {
    const value = this.get(key);
    return Array.isArray(value) ? value : undefined;
  }

  getDictionary(key: string): BencodeDictionary | undefined {
    const value = this.get(key);
    return value instanceof BencodeDictionary ? value : undefined;
  }
}

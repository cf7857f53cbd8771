import { BencodeCursor } from './cursor.ts';
import { type BencodeSpan, findSpan } from './span.ts';
import { bytesToText } from './text.ts';

/**
 * A value that bencode can express. Integers are numbers where that is exact and bigints beyond; strings are bytes, and
 * those of a decoded value are views into its input, not copies.
 *
 * @see BEP 3, `bencoding`
 */
export type BencodeValue = number | bigint | Uint8Array | BencodeValue[] | BencodeDictionary;

/** Reads a key of a dictionary as text; see {@link BencodeDictionary} for why it is not text by itself. */
export function keyToText(key: string): string {
  return bytesToText(Buffer.from(key, 'latin1'));
}

/** Makes the key of a dictionary from a text; {@link keyToText} reads it. */
export function textToKey(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * A bencoded dictionary. Keys are byte strings, so each character of a key stands for one byte (latin1): ASCII keys
 * read as they are, others go through {@link keyToText} and {@link textToKey}.
 *
 * The getters return `undefined` both when the key is absent and when its value is of another kind, which are the same to
 * a reader of foreign data. Call `has()` to tell the two apart.
 */
export class BencodeDictionary extends Map<string, BencodeValue> {
  #input: Uint8Array | undefined;
  #start = 0;

  /** Makes the dictionary that the decoder found in `input` at `start`. */
  static decodedFrom(input: Uint8Array, start: number): BencodeDictionary {
    const dictionary = new BencodeDictionary();
    dictionary.#input = input;
    dictionary.#start = start;
    return dictionary;
  }

  /**
   * Finds where the value of `key` stands in the input that this was decoded from; `undefined` for a key that was not
   * decoded. The input is searched for it, so that dictionaries need no memory for it.
   */
  spanOf(key: string): BencodeSpan | undefined {
    return this.#input && findSpan(this.#input, this.#start, key);
  }

  /**
   * Makes a cursor on the value of `key`, to read it without making an object of each value in it; `undefined` for a
   * key that was not decoded. The value may be one that the decoder was told to leave out.
   */
  cursorAt(key: string): BencodeCursor | undefined {
    const span = this.spanOf(key);
    return span && new BencodeCursor(this.#input!, span.start);
  }

  /** Gets an integer that a number holds exactly. */
  getInteger(key: string): number | undefined {
    const value = this.get(key);
    return typeof value === 'number' ? value : undefined;
  }

  getBytes(key: string): Uint8Array | undefined {
    const value = this.get(key);
    return value instanceof Uint8Array ? value : undefined;
  }

  /** Gets a string as text, with U+FFFD for what is not UTF-8. */
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

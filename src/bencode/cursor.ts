import { standsAt } from '../util/index.ts';
import { type BencodeSpan, skipValue } from './span.ts';

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const COLON = 0x3a;
const INTEGER = 0x69; // i
const LIST = 0x6c; // l
const DICTIONARY = 0x64; // d
const END = 0x65; // e

/**
 * Reads forward through a value that `decode()` has checked, without making an object of each value in it: for lists of
 * a million files. Nothing is checked again.
 *
 * Each call reads or passes exactly one value. When the value is of another kind than the call asks for, it is passed,
 * and the call returns `undefined` or `false`.
 *
 * @example
 * ```ts
 * import { BencodeCursor } from 'shoal/bencode';
 *
 * const cursor = new BencodeCursor(Buffer.from('d6:lengthi5e4:name1:ae'), 0);
 * if (cursor.enterDictionary()) {
 *   while (cursor.hasMore()) {
 *     if (cursor.readKey() === 'length') console.log(cursor.readInteger()); // 5
 *     else cursor.skip();
 *   }
 * }
 * ```
 */
export class BencodeCursor {
  readonly #bytes: Uint8Array;
  /** The same memory as a Buffer, which turns bytes into text faster. */
  readonly #buffer: Buffer;
  #at: number;

  /** @param at offset of a value in the input of `decode()` */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = at;
  }

  /** Goes to the first item of the list that is next. */
  enterList(): boolean {
    return this.#enter(LIST);
  }

  /** Goes to the first key of the dictionary that is next. */
  enterDictionary(): boolean {
    return this.#enter(DICTIONARY);
  }

  /** Tells whether there is another item or key. If there is none, it leaves the list or dictionary. */
  hasMore(): boolean {
    if (this.#bytes[this.#at] !== END) return true;
    this.#at += 1;
    return false;
  }

  /** Reads a key as a text of one character for each byte, as in `BencodeDictionary`. Its value is next. */
  readKey(): string {
    const { start, end } = this.#passString();
    return this.#buffer.toString('latin1', start, end);
  }

  /** Reads an integer that a number holds exactly. */
  readInteger(): number | undefined {
    if (this.#bytes[this.#at] !== INTEGER) return this.#pass();
    let at = this.#at + 1;
    const isNegative = this.#bytes[at] === MINUS;
    if (isNegative) at += 1;
    let magnitude = 0;
    for (; this.#bytes[at] !== END; at += 1) magnitude = magnitude * 10 + (this.#bytes[at]! - ZERO);
    this.#at = at + 1;
    if (!Number.isSafeInteger(magnitude)) return undefined;
    return isNegative && magnitude > 0 ? -magnitude : magnitude;
  }

  /**
   * Reads a string. The result is a view into the input.
   *
   * @param like a string read before: if an equal one is next, this one is given again, which costs no memory
   */
  readBytes(like?: Uint8Array): Uint8Array | undefined {
    if (!this.#isAtString()) return this.#pass();
    const { start, end } = this.#passString();
    if (like?.length === end - start && standsAt(this.#bytes, start, like)) return like;
    return this.#bytes.subarray(start, end);
  }

  /** Passes one value without reading it. */
  skip(): void {
    this.#at = skipValue(this.#bytes, this.#at);
  }

  #pass(): undefined {
    this.skip();
    return undefined;
  }

  #enter(kind: number): boolean {
    const isOfKind = this.#bytes[this.#at] === kind;
    if (isOfKind) this.#at += 1;
    else this.skip();
    return isOfKind;
  }

  #isAtString(): boolean {
    const byte = this.#bytes[this.#at]!;
    return byte >= ZERO && byte <= NINE;
  }

  /** Passes a string. @returns the place of its bytes */
  #passString(): BencodeSpan {
    let at = this.#at;
    let length = 0;
    for (; this.#bytes[at] !== COLON; at += 1) length = length * 10 + (this.#bytes[at]! - ZERO);
    const start = at + 1;
    this.#at = start + length;
    return { start, end: this.#at };
  }
}

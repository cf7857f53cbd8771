import { GrowingBytes, JsonError, parseJson, standsAt } from '../../../util/index.ts';

/** The name of the list that a {@link JsonListReader} reads, and its limits. */
export interface JsonListOptions {
  /** The name of the list in the outermost object. */
  readonly name: string;
  /** Bytes of the text without the items. */
  readonly maxRestBytes: number;
  readonly maxItems: number;
  /** Bytes of one item. */
  readonly maxItemBytes: number;
  /** Bytes of one string in an item; a longer one is read as an empty string. */
  readonly maxTextBytes: number;
  /** The depth of lists and objects within each other, counted from the outermost object. */
  readonly maxDepth: number;
  /** Values of one item, and values of the rest. */
  readonly maxValues: number;
  /** Is called with each item as soon as it is whole. */
  readonly onItem: (item: unknown, place: number) => void;
}

/**
 * Reads a long list in a JSON object that arrives in parts, such as `{"port":1,"torrents":[…]}`, item by item. Neither the
 * whole text nor all of its values are ever in memory, and each part takes little time. `JSON.parse()` makes the values, and
 * decides whether the text is JSON; it is given one item at a time, and then the text without the items.
 */
export class JsonListReader {
  readonly #options: JsonListOptions;
  readonly #name: Buffer;
  readonly #rest = new GrowingBytes(FIRST_ROOM);
  readonly #item = new GrowingBytes(FIRST_ROOM);
  #items = 0;
  #depth = 0;
  #values = 0;
  #isInString = false;
  #isEscaped = false;
  /** The offset of the current string in the item, behind its quotation mark, and its length so far. */
  #stringStart = 0;
  #stringBytes = 0;
  #list: 'before' | 'in' | 'behind' = 'before';

  constructor(options: JsonListOptions) {
    this.#options = options;
    this.#name = Buffer.from(`"${options.name}"`);
  }

  /**
   * Goes on with the next part. Only bytes that are still needed are kept.
   *
   * @throws {JsonError}
   */
  push(part: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < part.length; at += 1) {
      if (this.#isInString) {
        const end = this.#endOfString(part, at);
        this.#stringBytes += end - at;
        if (this.#isTextTooLong) {
          this.#keep(part.subarray(from, end));
          this.#item.cut(this.#stringStart);
          from = end;
        }
        at = end;
        continue;
      }
      switch (part[at]) {
        case QUOTE:
          this.#isInString = true;
          this.#stringStart = this.#item.length + at + 1 - from;
          this.#stringBytes = 0;
          break;
        case COMMA:
          this.#countValue();
          if (this.#list !== 'in' || this.#depth !== LIST_DEPTH) break;
          this.#keep(part.subarray(from, at));
          this.#endItem();
          from = at + 1;
          break;
        case OPEN_LIST:
        case OPEN_OBJECT:
          this.#open();
          if (part[at] === OPEN_OBJECT || this.#depth !== LIST_DEPTH) break;
          this.#keep(part.subarray(from, at + 1));
          from = at + 1;
          if (this.#isNamed()) this.#beginList();
          break;
        case CLOSE_LIST:
        case CLOSE_OBJECT:
          this.#depth -= 1;
          if (this.#list !== 'in' || this.#depth >= LIST_DEPTH) break;
          this.#keep(part.subarray(from, at));
          if (this.#items > 0 || !this.#item.bytes.every(isBlank)) this.#endItem();
          this.#list = 'behind';
          from = at;
      }
    }
    this.#keep(part.subarray(from));
  }

  /**
   * Ends the text.
   *
   * @returns the object, with an empty list in place of the items
   * @throws {JsonError}
   */
  finish(): unknown {
    if (this.#list === 'in' || this.#isInString) throw new JsonError('NOT_JSON', 'it ends too early');
    return parseJson(this.#rest.bytes);
  }

  get #isTextTooLong(): boolean {
    return this.#list === 'in' && this.#stringBytes > this.#options.maxTextBytes;
  }

  /** Finds the end of a string. @returns the offset of its quotation mark, or the length of the part */
  #endOfString(part: Uint8Array, from: number): number {
    let at = this.#isEscaped ? from + 1 : from;
    this.#isEscaped = false;
    for (; at < part.length; at += 1) {
      if (part[at] === BACKSLASH) at += 1;
      else if (part[at] === QUOTE) {
        this.#isInString = false;
        return at;
      }
    }
    this.#isEscaped = at > part.length;
    return part.length;
  }

  #open(): void {
    this.#countValue();
    this.#depth += 1;
    const { maxDepth } = this.#options;
    if (this.#depth > maxDepth) {
      throw new JsonError('TOO_DEEP', `it has more than ${maxDepth} lists and objects in each other`);
    }
  }

  #countValue(): void {
    this.#values += 1;
    const { maxValues } = this.#options;
    if (this.#values <= maxValues) return;
    const where = this.#list === 'in' ? `${this.#options.name}.${this.#items}` : 'it';
    throw new JsonError('TOO_MANY_VALUES', `${where} has more than ${maxValues} values`);
  }

  /** Tells whether the list that has just begun has the name. A quotation mark inside a string would follow a backslash. */
  #isNamed(): boolean {
    const before = this.#rest.bytes.subarray(0, -1);
    let end = before.length;
    const skipBlanks = (): void => {
      while (end > 0 && isBlank(before[end - 1]!)) end -= 1;
    };
    skipBlanks();
    if (before[end - 1] !== COLON) return false;
    end -= 1;
    skipBlanks();
    const start = end - this.#name.length;
    if (start < 1 || !standsAt(before, start, this.#name)) return false;
    end = start;
    skipBlanks();
    return before[end - 1] === OPEN_OBJECT || before[end - 1] === COMMA;
  }

  #beginList(): void {
    const { name } = this.#options;
    if (this.#list === 'behind') throw new JsonError('NOT_JSON', `${name} stands in it twice`);
    this.#list = 'in';
    this.#values = 0;
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const { maxRestBytes, maxItemBytes, name } = this.#options;
    const isItem = this.#list === 'in';
    const text = isItem ? this.#item : this.#rest;
    text.add(bytes);
    const most = isItem ? maxItemBytes : maxRestBytes;
    // The bytes of a string that is too long are taken away again.
    if (text.length <= most || (isItem && this.#isTextTooLong)) return;
    const what = isItem ? `${name}.${this.#items}` : `it has more than ${most} bytes without ${name}`;
    throw new JsonError('TOO_LARGE', isItem ? `${what} has more than ${most} bytes` : what);
  }

  #endItem(): void {
    const { maxItems, name, onItem } = this.#options;
    if (this.#items === maxItems) {
      throw new JsonError('TOO_MANY_VALUES', `${name} has more than ${maxItems} items`);
    }
    const place = this.#items;
    this.#items += 1;
    this.#values = 0;
    const item = parseJson(this.#item.bytes);
    this.#item.cut(0);
    onItem(item, place);
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Bytes that most items have at most. */
const FIRST_ROOM = 1024;
/** The depth of the items of a list in the outermost object. */
const LIST_DEPTH = 2;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

import { ShoalError } from './errors.ts';

/** The limits for a JSON text that somebody else has written. */
export interface JsonLimits {
  readonly maxBytes: number;
  /** The depth of lists and objects within each other; 1 for a list of numbers. */
  readonly maxDepth: number;
  /** The number of values of all kinds at any depth, lists and objects among them. An empty list or object counts twice. */
  readonly maxValues: number;
}

/** The error for bytes that are no JSON, or beyond a limit. Its message is a clause to follow `Cannot read …:`. */
export class JsonError extends ShoalError<'NOT_JSON' | 'TOO_LARGE' | 'TOO_DEEP' | 'TOO_MANY_VALUES'> {}

/**
 * Reads JSON from a stranger. It checks the size, the depth and the number of values before it makes any value, not even
 * a string, so that the limits decide how much memory and time a text can cost.
 *
 * @param bytes UTF-8, with or without a byte order mark
 * @throws {JsonError}
 */
export function readJson(bytes: Uint8Array, limits: JsonLimits): unknown {
  if (bytes.length > limits.maxBytes) {
    throw new JsonError('TOO_LARGE', `it has ${bytes.length} bytes, of at most ${limits.maxBytes}`);
  }
  new JsonCounter(limits).push(bytes);
  return parseJson(bytes);
}

/**
 * Parses JSON that is known to be within its limits.
 *
 * @param bytes UTF-8
 * @throws {JsonError} NOT_JSON
 */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new JsonError('NOT_JSON', 'it is not JSON in UTF-8', { cause });
  }
}

/**
 * A counter of the values of a JSON text, and of their depth, before the text is parsed. The text may come in parts. It
 * may be no JSON: finding that is left to the parser.
 */
export class JsonCounter {
  readonly #maxDepth: number;
  readonly #maxValues: number;
  #depth = 0;
  /** The text itself is a value, and one more begins with each list, each object and each comma. */
  #values = 1;
  #isInString = false;
  #isEscaped = false;

  constructor({ maxDepth, maxValues }: Pick<JsonLimits, 'maxDepth' | 'maxValues'>) {
    this.#maxDepth = maxDepth;
    this.#maxValues = maxValues;
  }

  /**
   * Counts the next part of the text.
   *
   * @throws {JsonError} TOO_DEEP, TOO_MANY_VALUES
   */
  push(part: Uint8Array): void {
    if (part.length === 0) return;
    for (let at = this.#isInString ? this.#endOfString(part, 0) + 1 : 0; at < part.length; at += 1) {
      switch (part[at]) {
        case QUOTE:
          this.#isInString = true;
          at = this.#endOfString(part, at + 1);
          break;
        case COMMA:
          this.#countValue();
          break;
        case OPEN_LIST:
        case OPEN_OBJECT:
          this.#open();
          break;
        case CLOSE_LIST:
        case CLOSE_OBJECT:
          this.#depth -= 1;
      }
    }
  }

  /** Finds the quotation mark that ends the string around `from`. @returns its offset, or the length of the part */
  #endOfString(part: Uint8Array, from: number): number {
    let at = this.#isEscaped ? from + 1 : from;
    this.#isEscaped = false;
    for (; at < part.length; at += 1) {
      const byte = part[at];
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) {
        this.#isInString = false;
        return at;
      }
    }
    // The part ends within an escape, and the next part begins with the rest of it.
    this.#isEscaped = at > part.length;
    return part.length;
  }

  #open(): void {
    this.#countValue();
    this.#depth += 1;
    if (this.#depth <= this.#maxDepth) return;
    throw new JsonError('TOO_DEEP', `it has more than ${this.#maxDepth} lists and objects in each other`);
  }

  #countValue(): void {
    this.#values += 1;
    if (this.#values <= this.#maxValues) return;
    throw new JsonError('TOO_MANY_VALUES', `it has more than ${this.#maxValues} values`);
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

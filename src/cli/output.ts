import type { Writable } from 'node:stream';
import { printable, printableJson } from '../util/index.ts';

/** The number of characters that are written at once. */
const PART_LENGTH = 64 * 1024;
/** The number of items of a list that are written as JSON at once. */
const ITEMS_AT_ONCE = 1000;

export interface OutputOptions {
  /** Whether the output is for programs, one JSON object a line. */
  readonly isJson: boolean;
  readonly isQuiet: boolean;
}

/**
 * The output of a command on stdout: text for people, or events for programs, one JSON object a line. Both may hold names and
 * other texts of strangers. Characters that a terminal would obey are escaped here. After a failed write, nothing more is
 * written.
 */
export class Output {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly #stream: Writable;
  #isBroken = false;

  constructor(stream: Writable, { isJson, isQuiet }: OutputOptions) {
    this.#stream = stream;
    this.isJson = isJson;
    this.isQuiet = isQuiet;
    // This listener comes before others, one of which may throw.
    stream.prependOnceListener('error', () => {
      this.#isBroken = true;
    });
  }

  /**
   * Tells an event. With `--quiet` only programs are told, not people.
   *
   * @param text lines, and lists of lines, for people; there may be a million
   */
  tell(event: string, fields: object, ...text: readonly (string | readonly string[])[]): void {
    if (this.isJson) this.#writeParts(jsonParts({ event, ...fields }));
    else if (!this.isQuiet) this.#writeLines(text.flat());
  }

  /**
   * Prints the result for which the command was called, even with `--quiet`.
   *
   * @param text lines for people; there may be a million
   */
  print(value: object, text: Iterable<string>): void {
    if (this.isJson) this.#writeParts(jsonParts(value));
    else this.#writeLines(text);
  }

  /** Waits until the system has taken all output, or nobody reads it any more. */
  written(): Promise<void> {
    if (this.#isBroken) return Promise.resolve();
    return new Promise((resolve) => this.#stream.write('', () => resolve()));
  }

  #writeLines(lines: Iterable<string>): void {
    this.#writeParts(endLines(lines));
  }

  /** Writes the parts of a text. Small parts are joined. */
  #writeParts(parts: Iterable<string>): void {
    if (this.#isBroken) return;
    let waiting = '';
    for (const part of parts) {
      waiting += part;
      if (waiting.length < PART_LENGTH) continue;
      this.#stream.write(waiting);
      waiting = '';
    }
    if (waiting !== '') this.#stream.write(waiting);
  }
}

function* endLines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${printable(line)}\n`;
}

/** Writes an object as a line of JSON, in parts, since a list in it may have a million items. */
function* jsonParts(value: object): Generator<string> {
  let separator = '{';
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    yield `${separator}${toJson(key)}:`;
    if (Array.isArray(item)) yield* listParts(item);
    else yield toJson(item);
    separator = ',';
  }
  yield separator === '{' ? '{}\n' : '}\n';
}

function* listParts(list: readonly unknown[]): Generator<string> {
  for (let at = 0; at < list.length; at += ITEMS_AT_ONCE) {
    yield (at === 0 ? '[' : ',') + toJson(list.slice(at, at + ITEMS_AT_ONCE)).slice(1, -1);
  }
  yield list.length === 0 ? '[]' : ']';
}

function toJson(value: unknown): string {
  return printableJson(JSON.stringify(value));
}

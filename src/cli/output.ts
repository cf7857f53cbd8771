import type { Writable } from 'node:stream';

export interface OutputOptions {
  /** Machines read it: one JSON object a line. */
  readonly isJson: boolean;
  readonly isQuiet: boolean;
}

/** What a command says on stdout: text for people, or events, one JSON object a line. */
export class Output {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly #stream: Writable;

  constructor(stream: Writable, { isJson, isQuiet }: OutputOptions) {
    this.#stream = stream;
    this.isJson = isJson;
    this.isQuiet = isQuiet;
  }

  /**
   * Says what has happened. `--quiet` keeps it from people, not from machines.
   *
   * @param text for people: lines
   */
  tell(event: string, fields: object, ...text: readonly string[]): void {
    if (this.isJson) this.#write(toJsonLine({ event, ...fields }));
    else if (!this.isQuiet) this.#write(...text);
  }

  /** Prints what the command was called for, `--quiet` or not. */
  print(value: object, text: readonly string[]): void {
    if (this.isJson) this.#write(toJsonLine(value));
    else this.#write(...text);
  }

  #write(...lines: readonly string[]): void {
    if (lines.length > 0) this.#stream.write(`${lines.join('\n')}\n`);
  }
}

/** JSON in which what a terminal would obey is escaped, C1 controls and all. */
function toJsonLine(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

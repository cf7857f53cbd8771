import { ShoalError } from '../util/index.ts';

export type ConfigErrorCode = 'UNKNOWN_KEY' | 'DUPLICATE_KEY' | 'BAD_VALUE' | 'UNREADABLE';

export interface ConfigErrorOptions {
  readonly key?: string | undefined;
  readonly faults?: readonly ConfigError[];
  readonly cause?: unknown;
}

/**
 * The error for a configuration that cannot be used. The message names the place, what was found there and what is
 * allowed.
 */
export class ConfigError extends ShoalError<ConfigErrorCode> {
  /** The key, or the name of the environment variable, that is wrong; absent when the file cannot be read. */
  readonly key?: string;
  readonly #faults: readonly ConfigError[];

  constructor(code: ConfigErrorCode, message: string, { key, faults, cause }: ConfigErrorOptions = {}) {
    super(code, message, { cause });
    if (key !== undefined) this.key = key;
    this.#faults = faults ?? [this];
  }

  /** The errors one by one where several things are wrong; this error itself where it is the only one. */
  get faults(): readonly ConfigError[] {
    return this.#faults;
  }

  /** Throws all that is wrong as one error, with a line for each in its message, unless nothing is. */
  static throwAny(faults: readonly ConfigError[]): void {
    const [first, second] = faults;
    if (first === undefined) return;
    if (second === undefined) throw first;
    const lines = [
      `${faults.length} settings cannot be used:`,
      ...faults.map(({ message }) => `  ${message}`),
    ];
    throw new ConfigError(first.code, lines.join('\n'), { key: first.key, faults });
  }
}

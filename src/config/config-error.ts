import { ShoalError } from '../util/index.ts';

/** The reasons why a configuration cannot be used. */
export type ConfigErrorCode = 'UNKNOWN_KEY' | 'DUPLICATE_KEY' | 'BAD_VALUE' | 'UNREADABLE';

export interface ConfigErrorOptions {
  readonly key?: string | undefined;
  readonly faults?: readonly ConfigError[];
  readonly cause?: unknown;
}

/**
 * The error for a configuration that cannot be used. The message names the place, the value that was found and the allowed
 * values.
 */
export class ConfigError extends ShoalError<ConfigErrorCode> {
  /** The wrong key, or the name of the environment variable; `undefined` when the file cannot be read. */
  readonly key?: string;
  readonly #faults: readonly ConfigError[];

  constructor(code: ConfigErrorCode, message: string, { key, faults, cause }: ConfigErrorOptions = {}) {
    super(code, message, { cause });
    if (key !== undefined) this.key = key;
    this.#faults = faults ?? [this];
  }

  /** The single errors if there are several faults; otherwise this error itself. */
  get faults(): readonly ConfigError[] {
    return this.#faults;
  }

  /** Throws all faults as one error, with a line for each in its message. Without faults it does nothing. */
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

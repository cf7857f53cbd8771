import { ShoalError } from '../util/index.ts';

export type ConfigErrorCode = 'UNKNOWN_KEY' | 'DUPLICATE_KEY' | 'BAD_VALUE' | 'UNREADABLE';

/** A configuration that cannot be used; the message names the place, what was found there and what is allowed. */
export class ConfigError extends ShoalError<ConfigErrorCode> {
  /** The key, or the name of the environment variable, that is wrong; absent when the file cannot be read. */
  readonly key?: string;

  constructor(code: ConfigErrorCode, message: string, options: { key?: string; cause?: unknown } = {}) {
    super(code, message, options);
    if (options.key !== undefined) this.key = options.key;
  }
}

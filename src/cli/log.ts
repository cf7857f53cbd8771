import type { Logger } from 'pino';
import type { LoggerOptions } from './logger.ts';

/** A record of a level is written when the log's own level is one of these. */
const WRITTEN_AT = {
  debug: ['debug', 'trace'],
  warn: ['warn', 'info', 'debug', 'trace'],
} satisfies Record<string, LoggerOptions['level'][]>;

/**
 * The log of a command. What writes it takes as long to load as a short command runs, and most end without a record:
 * it is loaded with the first, and records wait for it.
 */
export class Log {
  #options: LoggerOptions;
  #logger: Promise<Logger> | undefined;
  /** Rejects with what the log cannot be written for, which ends the process whether or not anyone looks at it. */
  #written: Promise<void> = Promise.resolve();

  constructor(options: LoggerOptions) {
    this.#options = options;
  }

  /** Writes records of this level and those above from now on. */
  set level(level: LoggerOptions['level']) {
    if (level === this.#options.level) return;
    this.#options = { ...this.#options, level };
    this.#logger = undefined;
  }

  debug(message: string, err?: Error): void {
    this.#write('debug', message, err);
  }

  warn(message: string, err?: Error): void {
    this.#write('warn', message, err);
  }

  /** Resolves when all records so far are written. */
  written(): Promise<void> {
    return this.#written;
  }

  #write(level: keyof typeof WRITTEN_AT, message: string, err: Error | undefined): void {
    const levels: readonly string[] = WRITTEN_AT[level];
    if (!levels.includes(this.#options.level)) return;
    const options = this.#options;
    this.#logger ??= import('./logger.ts').then(({ createLogger }) => createLogger(options));
    this.#written = this.#logger.then((logger) => logger[level]({ err }, message));
  }
}

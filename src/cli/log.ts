import type { Logger } from 'pino';
import { type CancelTimer, type Clock, LineLimiter, systemClock } from '../util/index.ts';
import { formatCount } from './format.ts';
import type { LoggerOptions } from './logger.ts';
import { RecordSampler } from './record-sampler.ts';

/** For each level of a record, the levels of the log at which it is written. */
const WRITTEN_AT = {
  debug: ['debug', 'trace'],
  info: ['info', 'debug', 'trace'],
  warn: ['warn', 'info', 'debug', 'trace'],
} satisfies Record<string, LoggerOptions['level'][]>;

/** The milliseconds between the first record that is left out and the record of how many were. */
const LEFT_OUT_AFTER = 60_000;

/**
 * The log of a command. The module that writes it takes as long to load as a short command runs, and most commands end
 * without a record. So it is loaded with the first record, and records wait for it. A command that runs for long loads it at
 * its start ({@link load}).
 *
 * The {@link LineLimiter} limits all records, because others can cause nearly all of them.
 */
export class Log {
  readonly #sampler: RecordSampler;
  readonly #limiter: LineLimiter;
  readonly #clock: Clock;
  #cancelLeftOut: CancelTimer | undefined;
  #options: LoggerOptions;
  #logger: Promise<Logger> | undefined;
  /** A promise that rejects when the log cannot be written, which ends the process even if nobody awaits it. */
  #written: Promise<void> = Promise.resolve();

  constructor(options: LoggerOptions, clock: Clock = systemClock) {
    this.#options = options;
    this.#clock = clock;
    this.#sampler = new RecordSampler(clock);
    this.#limiter = new LineLimiter(clock);
  }

  /** Sets that of records with the same message, the first and every `oneIn`-th after it is written; 1 writes all. */
  set oneIn(oneIn: number) {
    this.#sampler.oneIn = oneIn;
  }

  /** Sets the level from which on records are written. */
  set level(level: LoggerOptions['level']) {
    if (level === this.#options.level) return;
    this.#options = { ...this.#options, level };
    this.#logger = undefined;
  }

  /**
   * Loads the module that writes the log. A command that runs for long does it at its start. Later there may be no descriptor
   * left to read a file with, and Node 20 does not load a module again after a failure.
   */
  async load(): Promise<void> {
    await this.#load();
  }

  debug(message: string, err?: Error): void {
    this.#offer('debug', message, err);
  }

  info(message: string): void {
    this.#offer('info', message, undefined);
  }

  warn(message: string, err?: Error): void {
    this.#offer('warn', message, err);
  }

  /** Waits until all records so far are written, together with the number of those that were left out. */
  written(): Promise<void> {
    this.#tellLeftOut();
    return this.#written;
  }

  #offer(level: keyof typeof WRITTEN_AT, message: string, err: Error | undefined): void {
    const levels: readonly string[] = WRITTEN_AT[level];
    if (!levels.includes(this.#options.level)) return;
    const leftOut = this.#sampler.admit(message);
    if (leftOut === undefined) return;
    const text = leftOut === 0 ? message : `${message} (and ${leftOut} more like it, left out)`;
    if (this.#limiter.admits(message)) this.#write(level, text, err, leftOut);
    else this.#cancelLeftOut ??= this.#clock.setTimer(LEFT_OUT_AFTER, () => this.#tellLeftOut());
  }

  /** Writes how many records of each kind were left out. */
  #tellLeftOut(): void {
    this.#cancelLeftOut?.();
    this.#cancelLeftOut = undefined;
    for (const { kind, count } of this.#limiter.takeLeftOut()) {
      this.#write(
        'warn',
        `Left out ${formatCount(count, 'record')}, because there were too many: ${kind}`,
        undefined,
        count,
      );
    }
  }

  #write(level: keyof typeof WRITTEN_AT, text: string, err: Error | undefined, leftOut: number): void {
    this.#written = this.#load().then((logger) =>
      logger[level]({ err, ...(leftOut > 0 && { leftOut }) }, text),
    );
  }
  #load(): Promise<Logger> {
    const options = this.#options;
    this.#logger ??= import('./logger.ts').then(({ createLogger }) => createLogger(options));
    return this.#logger;
  }
}

import type { Logger } from 'pino';
import { type CancelTimer, type Clock, LineLimiter, systemClock } from '../util/index.ts';
import { formatCount } from './format.ts';
import type { LoggerOptions } from './logger.ts';
import { RecordSampler } from './record-sampler.ts';

/** A record of a level is written when the log's own level is one of these. */
const WRITTEN_AT = {
  debug: ['debug', 'trace'],
  info: ['info', 'debug', 'trace'],
  warn: ['warn', 'info', 'debug', 'trace'],
} satisfies Record<string, LoggerOptions['level'][]>;

/** Milliseconds after which it is told how many records were left out. */
const LEFT_OUT_AFTER = 60_000;

/**
 * The log of a command. What writes it takes as long to load as a short command runs, and most end without a record:
 * it is loaded with the first, and records wait for it. What runs for long loads it at its start ({@link load}).
 *
 * Every record goes past the {@link LineLimiter}, since nearly all of them tell what others did.
 */
export class Log {
  readonly #sampler: RecordSampler;
  readonly #limiter: LineLimiter;
  readonly #clock: Clock;
  #cancelLeftOut: CancelTimer | undefined;
  #options: LoggerOptions;
  #logger: Promise<Logger> | undefined;
  /** Rejects with what the log cannot be written for, which ends the process whether or not anyone looks at it. */
  #written: Promise<void> = Promise.resolve();

  constructor(options: LoggerOptions, clock: Clock = systemClock) {
    this.#options = options;
    this.#clock = clock;
    this.#sampler = new RecordSampler(clock);
    this.#limiter = new LineLimiter(clock);
  }

  /** Writes the first of the records with one message and every `oneIn`-th after it from now on; 1 writes all. */
  set oneIn(oneIn: number) {
    this.#sampler.oneIn = oneIn;
  }

  /** Writes records of this level and those above from now on. */
  set level(level: LoggerOptions['level']) {
    if (level === this.#options.level) return;
    this.#options = { ...this.#options, level };
    this.#logger = undefined;
  }

  /**
   * Loads what writes the log. A command that runs for long does it at its start: when it has something to tell there may be
   * no descriptor left to read a file with, and Node 20 does not try again to load what could not be loaded once.
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

  /** Resolves when all records so far are written, and how many were left out. */
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

  /** Tells how many records were left out, by their kind. */
  #tellLeftOut(): void {
    this.#cancelLeftOut?.();
    this.#cancelLeftOut = undefined;
    for (const { kind, count } of this.#limiter.takeLeftOut()) {
      this.#write(
        'warn',
        `Left out ${formatCount(count, 'record')} as there were too many: ${kind}`,
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

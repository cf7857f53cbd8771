import { ShoalError } from '../util/index.ts';

/** The error for a command line that cannot be carried out. */
export class UsageError extends ShoalError<'USAGE'> {
  /** Lines to print below the message, which say what to do instead. */
  readonly hints: readonly string[];

  constructor(message: string, hints: readonly string[] = []) {
    super('USAGE', message);
    this.hints = hints;
  }
}

/** The error for files on disk that do not match their `.torrent`. */
export class MismatchError extends ShoalError<'MISMATCH'> {
  constructor(message: string) {
    super('MISMATCH', message);
  }
}

/** The error for a command that was told to stop before it was done. */
export class InterruptedError extends ShoalError<'INTERRUPTED'> {
  /** Whether the error is not printed, because the reader of the output has gone. */
  readonly isQuiet: boolean;

  constructor(by: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'a closed output') {
    super('INTERRUPTED', `Interrupted by ${by}`);
    this.isQuiet = by === 'a closed output';
  }
}

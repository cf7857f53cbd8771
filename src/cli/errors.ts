import { ShoalError } from '../util/index.ts';

/** A command line that cannot be carried out as it stands. */
export class UsageError extends ShoalError<'USAGE'> {
  /** What to do instead: lines for people, below the message. */
  readonly hints: readonly string[];

  constructor(message: string, hints: readonly string[] = []) {
    super('USAGE', message);
    this.hints = hints;
  }
}

/** Content on disk that is not what its `.torrent` says. */
export class MismatchError extends ShoalError<'MISMATCH'> {
  constructor(message: string) {
    super('MISMATCH', message);
  }
}

/** Somebody asked the command to stop before it was done. */
export class InterruptedError extends ShoalError<'INTERRUPTED'> {
  /** Whether there is nobody to tell: whoever read the output has gone. */
  readonly isQuiet: boolean;

  constructor(by: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'a closed output') {
    super('INTERRUPTED', `Interrupted by ${by}`);
    this.isQuiet = by === 'a closed output';
  }
}

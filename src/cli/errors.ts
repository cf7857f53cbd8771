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

  readonly by: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'a closed output';

  constructor(by: InterruptedError['by']) {
    super('INTERRUPTED', `Interrupted by ${by}`);
    this.by = by;
    this.isQuiet = by === 'a closed output';
  }
}

/** The error for a command of `get --then` that has failed, after everything was delivered. */
export class CommandFailedError extends ShoalError<'COMMAND_FAILED'> {
  /** The exit code of the command; `null` when a signal has ended it, or it was not started. */
  readonly commandExitCode: number | null;
  /** The signal that has ended the command; `null` when none has. */
  readonly commandSignal: string | null;

  constructor(message: string, end: { readonly exitCode: number | null; readonly signal: string | null }) {
    super('COMMAND_FAILED', message);
    this.commandExitCode = end.exitCode;
    this.commandSignal = end.signal;
  }
}

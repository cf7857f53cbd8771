import { GetError } from '../client/index.ts';
import { ConfigError } from '../config/index.ts';
import { HashingError } from '../hashing/index.ts';
import { MetainfoError } from '../metainfo/index.ts';
import { NetworkError } from '../net/index.ts';
import { SeederError } from '../seeder/index.ts';
import { StorageError } from '../storage/index.ts';
import { AccessFileError, TrackerStartError } from '../tracker/index.ts';
import { TrackerCallError } from '../tracker-client/index.ts';
import { lacksDescriptors, ShoalError, toError } from '../util/index.ts';
import { CommandFailedError, InterruptedError, MismatchError, UsageError } from './errors.ts';

/** The exit codes of all commands. Scripts depend on these numbers: none ever gets another meaning. */
export const ExitCode = {
  done: 0,
  unexpected: 1,
  usage: 2,
  notFound: 3,
  timedOut: 4,
  mismatch: 5,
  disk: 6,
  network: 7,
  command: 8,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The meaning of each code, for `shoal --help` and the manual. */
export const EXIT_CODE_MEANINGS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [ExitCode.done, 'done; tracker and seed: stopped as asked'],
  [ExitCode.unexpected, 'an unexpected error, which is a fault of Shoal'],
  [ExitCode.usage, 'a bad flag, setting or .torrent, or nothing to work on'],
  [ExitCode.notFound, 'nobody has the file'],
  [ExitCode.timedOut, 'timed out'],
  [ExitCode.mismatch, 'the content does not match'],
  [ExitCode.disk, 'a file cannot be read or written, the disk is full, or too many files are open'],
  [ExitCode.network, 'the tracker or the network cannot be reached, or a port is in use'],
  [ExitCode.command, 'get --then: all was delivered, but the command has failed'],
  [ExitCode.interrupted, 'interrupted by Ctrl-C, SIGTERM or SIGHUP before it was done'],
];

/** The exit codes of the errors of one class. */
interface ErrorExitCodes {
  readonly errors: abstract new (...options: never) => ShoalError;
  /** The exit code of each `code`, or the one of all of them. */
  readonly exitCodes: ExitCode | Readonly<Record<string, ExitCode>>;
}

/** Lists the exit codes of a class of errors. The compiler checks that no `code` is missing. */
function exitCodesFor<E extends ShoalError>(
  errors: abstract new (...options: never) => E,
  exitCodes: ExitCode | Readonly<Record<E['code'], ExitCode>>,
): ErrorExitCodes {
  return { errors, exitCodes };
}

/**
 * The exit codes of all expected errors. An error is recognised by its class itself, not by the name of the class, which a
 * bundler may change. The files of these classes import little, because every command loads them.
 */
const EXIT_CODES: readonly ErrorExitCodes[] = [
  exitCodesFor(UsageError, ExitCode.usage),
  exitCodesFor(ConfigError, ExitCode.usage),
  exitCodesFor(MetainfoError, ExitCode.usage),
  exitCodesFor(MismatchError, ExitCode.mismatch),
  exitCodesFor(StorageError, ExitCode.disk),
  exitCodesFor(NetworkError, ExitCode.network),
  exitCodesFor(InterruptedError, ExitCode.interrupted),
  exitCodesFor(CommandFailedError, ExitCode.command),
  exitCodesFor(GetError, {
    USAGE: ExitCode.usage,
    BAD_TORRENT: ExitCode.usage,
    NOT_FOUND: ExitCode.notFound,
    TIMED_OUT: ExitCode.timedOut,
    STALLED: ExitCode.timedOut,
    MISMATCH: ExitCode.mismatch,
    DISK: ExitCode.disk,
    UNREACHABLE: ExitCode.network,
    ABORTED: ExitCode.interrupted,
    CALLBACK_FAILED: ExitCode.unexpected,
    RENAMED: ExitCode.disk,
    NOT_KEPT: ExitCode.disk,
    EXTRA_FILES: ExitCode.disk,
    SEVERAL_FIT: ExitCode.usage,
  }),
  exitCodesFor(SeederError, {
    USAGE: ExitCode.usage,
    BAD_TORRENT: ExitCode.usage,
    LINK_OUTSIDE: ExitCode.usage,
    NO_FILES: ExitCode.usage,
    MISMATCH: ExitCode.mismatch,
    DISK: ExitCode.disk,
    REFUSED: ExitCode.usage,
    RENAMED: ExitCode.usage,
    UNREACHABLE: ExitCode.network,
    NO_CACHE: ExitCode.disk,
    UNANNOUNCED: ExitCode.usage,
    CHANGED: ExitCode.disk,
    CALLBACK_FAILED: ExitCode.unexpected,
    ABORTED: ExitCode.interrupted,
    TIMED_OUT: ExitCode.timedOut,
    CLOSED: ExitCode.unexpected,
  }),
  exitCodesFor(AccessFileError, {
    UNREADABLE: ExitCode.disk,
    UNWRITABLE: ExitCode.disk,
    TOO_LARGE: ExitCode.usage,
    BAD_LINE: ExitCode.usage,
  }),
  exitCodesFor(HashingError, {
    POOL_CLOSED: ExitCode.unexpected,
    WORKER_FAILED: ExitCode.unexpected,
    FILE_CHANGED: ExitCode.disk,
    FILE_UNREADABLE: ExitCode.disk,
    BAD_NAME: ExitCode.usage,
    LINK_OUTSIDE: ExitCode.usage,
    NO_FILES: ExitCode.usage,
    TOO_MANY_FILES: ExitCode.usage,
  }),
  exitCodesFor(TrackerStartError, {
    BAD_OPTION: ExitCode.usage,
    NO_LMDB: ExitCode.usage,
    STATE_IN_USE: ExitCode.disk,
    BAD_STATE: ExitCode.disk,
    DAMAGED_STATE: ExitCode.disk,
    CANNOT_KEEP_STATE: ExitCode.disk,
    PORT_IN_USE: ExitCode.network,
    CANNOT_LISTEN: ExitCode.network,
    BAD_CERTIFICATE: ExitCode.disk,
  }),
  exitCodesFor(TrackerCallError, {
    UNSUPPORTED: ExitCode.usage,
    UNREACHABLE: ExitCode.network,
    NOT_ALLOWED: ExitCode.network,
    // The time limit of one call. That of `--timeout` is a GetError.
    TIMED_OUT: ExitCode.network,
    ABORTED: ExitCode.interrupted,
    BAD_STATUS: ExitCode.network,
    BAD_RESPONSE: ExitCode.network,
    TOO_LARGE: ExitCode.network,
    FAILURE: ExitCode.network,
  }),
];

/** Finds the exit code of an error. */
export function exitCodeOf(error: Error): ExitCode {
  const expected = expectedCodeOf(error);
  if (expected !== ExitCode.unexpected) return expected;
  // A lack of descriptors has the same remedy wherever it shows: a higher limit.
  return lacksDescriptors(error) ? ExitCode.disk : ExitCode.unexpected;
}

function expectedCodeOf(error: Error): ExitCode {
  if (error instanceof AggregateError) {
    // An AggregateError lists the things that could not be closed, each with the reason as its cause.
    const codes = error.errors.map((each: unknown) => expectedCodeOf(toError(toError(each).cause ?? each)));
    return codes.find((code) => code !== ExitCode.unexpected) ?? ExitCode.unexpected;
  }
  if (!(error instanceof ShoalError)) return ExitCode.unexpected;
  const found = EXIT_CODES.find(({ errors }) => error instanceof errors)?.exitCodes;
  return (typeof found === 'object' ? found[error.code] : found) ?? ExitCode.unexpected;
}

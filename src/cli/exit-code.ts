import type { GetErrorCode } from '../client/index.ts';
import type { HashingErrorCode } from '../hashing/index.ts';
import type { SeederErrorCode } from '../seeder/index.ts';
import type { AccessFileError, TrackerError as TrackerStartError } from '../tracker/index.ts';
import type { TrackerErrorCode } from '../tracker-client/index.ts';
import { lacksDescriptors, ShoalError, toError } from '../util/index.ts';

/** The exit codes of all commands. Scripts depend on these numbers: none is ever given another meaning. */
export const ExitCode = {
  done: 0,
  unexpected: 1,
  usage: 2,
  notFound: 3,
  timedOut: 4,
  mismatch: 5,
  disk: 6,
  network: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The meaning of each code, for `shoal --help` and the manual. */
export const EXIT_CODE_MEANINGS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [ExitCode.done, 'done; tracker and seed: stopped as asked'],
  [ExitCode.unexpected, 'an error nobody expected'],
  [ExitCode.usage, 'a bad flag, setting or .torrent, or nothing to work on'],
  [ExitCode.notFound, 'nobody has what was asked for'],
  [ExitCode.timedOut, 'timed out'],
  [ExitCode.mismatch, 'the content does not match'],
  [ExitCode.disk, 'a file cannot be read or written, the disk is full, or too many files are open'],
  [ExitCode.network, 'the tracker or the network cannot be reached, or a port is in use'],
  [ExitCode.interrupted, 'interrupted by Ctrl-C, SIGTERM or SIGHUP before it was done'],
];

/**
 * The exit codes of errors: by the name of the class, and by the code of the error where they differ. Names are used in
 * place of classes so that no command loads what only another one uses.
 */
const EXIT_CODE_OF: Readonly<Record<string, ExitCode | Readonly<Record<string, ExitCode>>>> = {
  UsageError: ExitCode.usage,
  ConfigError: ExitCode.usage,
  MetainfoError: ExitCode.usage,
  MismatchError: ExitCode.mismatch,
  StorageError: ExitCode.disk,
  NetworkError: ExitCode.network,
  InterruptedError: ExitCode.interrupted,
  GetError: {
    USAGE: ExitCode.usage,
    BAD_TORRENT: ExitCode.usage,
    NOT_FOUND: ExitCode.notFound,
    TIMED_OUT: ExitCode.timedOut,
    MISMATCH: ExitCode.mismatch,
    DISK: ExitCode.disk,
    UNREACHABLE: ExitCode.network,
    ABORTED: ExitCode.interrupted,
    CALLBACK_FAILED: ExitCode.unexpected,
    RENAMED: ExitCode.disk,
    SEVERAL_FIT: ExitCode.usage,
  } satisfies Record<GetErrorCode, ExitCode>,
  SeederError: {
    USAGE: ExitCode.usage,
    BAD_TORRENT: ExitCode.usage,
    NO_FILES: ExitCode.usage,
    MISMATCH: ExitCode.mismatch,
    DISK: ExitCode.disk,
    REFUSED: ExitCode.usage,
    RENAMED: ExitCode.usage,
    UNREACHABLE: ExitCode.network,
    UNANNOUNCED: ExitCode.usage,
    CHANGED: ExitCode.disk,
    CALLBACK_FAILED: ExitCode.unexpected,
    ABORTED: ExitCode.interrupted,
    TIMED_OUT: ExitCode.timedOut,
    CLOSED: ExitCode.unexpected,
  } satisfies Record<SeederErrorCode, ExitCode>,
  AccessFileError: {
    UNREADABLE: ExitCode.disk,
    UNWRITABLE: ExitCode.disk,
    TOO_LARGE: ExitCode.usage,
    BAD_LINE: ExitCode.usage,
  } satisfies Record<AccessFileError['code'], ExitCode>,
  HashingError: {
    POOL_CLOSED: ExitCode.unexpected,
    WORKER_FAILED: ExitCode.unexpected,
    FILE_CHANGED: ExitCode.disk,
    FILE_UNREADABLE: ExitCode.disk,
    BAD_NAME: ExitCode.usage,
    NO_FILES: ExitCode.usage,
    TOO_MANY_FILES: ExitCode.usage,
  } satisfies Record<HashingErrorCode, ExitCode>,
  // Two classes have this name, one of the tracker and one of its clients. They share no code.
  TrackerError: {
    BAD_OPTION: ExitCode.usage,
    NO_LMDB: ExitCode.usage,
    STATE_IN_USE: ExitCode.disk,
    BAD_STATE: ExitCode.disk,
    DAMAGED_STATE: ExitCode.disk,
    CANNOT_KEEP_STATE: ExitCode.disk,
    PORT_IN_USE: ExitCode.network,
    CANNOT_LISTEN: ExitCode.network,
    BAD_CERTIFICATE: ExitCode.disk,
    UNSUPPORTED: ExitCode.usage,
    UNREACHABLE: ExitCode.network,
    NOT_ALLOWED: ExitCode.network,
    TIMED_OUT: ExitCode.network,
    ABORTED: ExitCode.interrupted,
    BAD_STATUS: ExitCode.network,
    BAD_RESPONSE: ExitCode.network,
    TOO_LARGE: ExitCode.network,
    FAILURE: ExitCode.network,
  } satisfies Record<TrackerErrorCode | TrackerStartError['code'], ExitCode>,
};

/** Finds the exit code of an error. */
export function exitCodeOf(error: Error): ExitCode {
  const expected = expectedCodeOf(error);
  if (expected !== ExitCode.unexpected) return expected;
  // Wherever it shows, it is the limit that has to be raised.
  return lacksDescriptors(error) ? ExitCode.disk : ExitCode.unexpected;
}

function expectedCodeOf(error: Error): ExitCode {
  if (error instanceof AggregateError) {
    // So is told what could not be closed: each with the reason behind it.
    const codes = error.errors.map((each: unknown) => expectedCodeOf(toError(toError(each).cause ?? each)));
    return codes.find((code) => code !== ExitCode.unexpected) ?? ExitCode.unexpected;
  }
  if (!(error instanceof ShoalError)) return ExitCode.unexpected;
  const found = EXIT_CODE_OF[error.name];
  return (typeof found === 'object' ? found[error.code] : found) ?? ExitCode.unexpected;
}

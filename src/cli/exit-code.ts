import { GetError, type GetErrorCode } from '../client/index.ts';
import { ConfigError } from '../config/index.ts';
import { HashingError, type HashingErrorCode } from '../hashing/index.ts';
import { MetainfoError } from '../metainfo/index.ts';
import { NetworkError } from '../net/index.ts';
import { SeederError, type SeederErrorCode } from '../seeder/index.ts';
import { StorageError } from '../storage/index.ts';
import { TrackerError as TrackerStartError } from '../tracker/index.ts';
import { TrackerError } from '../tracker-client/index.ts';
import { InterruptedError, MismatchError, UsageError } from './errors.ts';

/** How every command ends. Scripts depend on these numbers: none is ever given another meaning. */
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

/** What each code means, for `shoal --help` and the manual. */
export const EXIT_CODE_MEANINGS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [ExitCode.done, 'done; of tracker and seed: stopped as asked'],
  [ExitCode.unexpected, 'an error nobody expected'],
  [ExitCode.usage, 'a bad flag, setting or .torrent, or nothing to work on'],
  [ExitCode.notFound, 'nobody has what was asked for'],
  [ExitCode.timedOut, 'timed out'],
  [ExitCode.mismatch, 'the content does not match'],
  [ExitCode.disk, 'a file cannot be read or written, or the disk is full'],
  [ExitCode.network, 'the tracker or the network cannot be reached, or a port is in use'],
  [ExitCode.interrupted, 'interrupted by Ctrl-C or SIGTERM before it was done'],
];

const CODE_OF_GET: Readonly<Record<GetErrorCode, ExitCode>> = {
  USAGE: ExitCode.usage,
  BAD_TORRENT: ExitCode.usage,
  NOT_FOUND: ExitCode.notFound,
  TIMED_OUT: ExitCode.timedOut,
  MISMATCH: ExitCode.mismatch,
  DISK: ExitCode.disk,
  UNREACHABLE: ExitCode.network,
  ABORTED: ExitCode.interrupted,
};

const CODE_OF_SEEDER: Readonly<Record<SeederErrorCode, ExitCode>> = {
  USAGE: ExitCode.usage,
  BAD_TORRENT: ExitCode.usage,
  NO_FILES: ExitCode.usage,
  MISMATCH: ExitCode.mismatch,
  DISK: ExitCode.disk,
};

const CODE_OF_HASHING: Readonly<Record<HashingErrorCode, ExitCode>> = {
  POOL_CLOSED: ExitCode.unexpected,
  WORKER_FAILED: ExitCode.unexpected,
  FILE_CHANGED: ExitCode.disk,
  FILE_UNREADABLE: ExitCode.disk,
  NO_FILES: ExitCode.usage,
  TOO_MANY_FILES: ExitCode.usage,
};

/** The exit code that stands for an error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError || error instanceof ConfigError || error instanceof MetainfoError)
    return ExitCode.usage;
  if (error instanceof InterruptedError) return ExitCode.interrupted;
  if (error instanceof MismatchError) return ExitCode.mismatch;
  if (error instanceof GetError) return CODE_OF_GET[error.code];
  if (error instanceof SeederError) return CODE_OF_SEEDER[error.code];
  if (error instanceof HashingError) return CODE_OF_HASHING[error.code];
  if (error instanceof StorageError) return ExitCode.disk;
  if (error instanceof NetworkError) return ExitCode.network;
  if (error instanceof TrackerStartError)
    return error.code === 'BAD_OPTION' ? ExitCode.usage : ExitCode.network;
  if (error instanceof TrackerError) return error.code === 'UNSUPPORTED' ? ExitCode.usage : ExitCode.network;
  return ExitCode.unexpected;
}

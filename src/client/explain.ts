import { HashingError } from '../hashing/index.ts';
import { MetainfoError } from '../metainfo/index.ts';
import { NetworkError } from '../net/index.ts';
import { StorageError } from '../storage/index.ts';
import { TrackerError } from '../tracker-client/index.ts';
import { CallbackError, GivenUpError } from '../util/index.ts';
import { GetError } from './get-error.ts';

/** Turns any error into the documented one for it. An error that has none is a defect, and is returned as it is. */
export function explain(error: Error, signal: AbortSignal): Error {
  if (error instanceof GetError || error instanceof NetworkError) return error;
  if (signal.aborted) return explainAbort(signal, error);
  const options = { cause: error };
  if (error instanceof StorageError) return new GetError('DISK', error.message, options);
  if (error instanceof HashingError && error.path !== undefined)
    return new GetError('DISK', error.message, options);
  if (error instanceof MetainfoError) return new GetError('BAD_TORRENT', error.message, options);
  if (error instanceof TrackerError) return new GetError('UNREACHABLE', error.message, options);
  return error;
}

/** @param error what ended it then; when it did not end, that is said, too */
function explainAbort({ reason }: AbortSignal, error: Error): GetError {
  if (reason instanceof CallbackError) {
    return new GetError('CALLBACK_FAILED', reason.message, { cause: reason.cause });
  }
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  const what = isTimeout ? 'The file was not there in time' : 'The download was given up';
  const message = error instanceof GivenUpError ? `${what}. ${error.message}` : what;
  return new GetError(isTimeout ? 'TIMED_OUT' : 'ABORTED', message, { cause: reason });
}

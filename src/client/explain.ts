import { HashingError } from '../hashing/index.ts';
import { MetainfoError } from '../metainfo/index.ts';
import { NetworkError } from '../net/index.ts';
import { StorageError } from '../storage/index.ts';
import { TrackerError } from '../tracker-client/index.ts';
import { GetError } from './get-error.ts';

/** Says of any error in which of the documented ways a get failed. What is none of them comes back as it is: a defect. */
export function explain(error: Error, signal: AbortSignal): Error {
  if (error instanceof GetError || error instanceof NetworkError) return error;
  if (signal.aborted) return explainAbort(signal);
  const options = { cause: error };
  if (error instanceof StorageError) return new GetError('DISK', error.message, options);
  if (error instanceof HashingError && error.path !== undefined)
    return new GetError('DISK', error.message, options);
  if (error instanceof MetainfoError) return new GetError('BAD_TORRENT', error.message, options);
  if (error instanceof TrackerError) return new GetError('UNREACHABLE', error.message, options);
  return error;
}

function explainAbort({ reason }: AbortSignal): GetError {
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  return isTimeout
    ? new GetError('TIMED_OUT', 'The file was not there in time', { cause: reason })
    : new GetError('ABORTED', 'The download was given up', { cause: reason });
}

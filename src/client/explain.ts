import { HashingError } from '../hashing/index.ts';
import { MetainfoError } from '../metainfo/index.ts';
import { NetworkError } from '../net/index.ts';
import { StorageError } from '../storage/index.ts';
import { TrackerCallError } from '../tracker-client/index.ts';
import { CallbackError, GivenUpError, isTimeout } from '../util/index.ts';
import { GetError } from './get-error.ts';
import type { GetPhase } from './get-options.ts';

/**
 * Turns an error into the documented one for it. An error without one is a defect, and is returned unchanged.
 *
 * @param phase the step during which the signal aborted; `undefined` before the first one
 */
export function explain(error: Error, signal: AbortSignal, phase?: GetPhase): Error {
  if (error instanceof GetError || error instanceof NetworkError) return error;
  if (signal.aborted) return explainAbort(signal, error, phase);
  const options = { cause: error };
  if (error instanceof StorageError) return new GetError('DISK', error.message, options);
  if (error instanceof HashingError && error.path !== undefined)
    return new GetError('DISK', error.message, options);
  if (error instanceof MetainfoError) return new GetError('BAD_TORRENT', error.message, options);
  if (error instanceof TrackerCallError) return new GetError('UNREACHABLE', error.message, options);
  return error;
}

/** The words for the step that was not finished at a deadline. During a download, peers and trackers are named instead. */
const UNFINISHED: Readonly<Partial<Record<GetPhase, string>>> = {
  'looking-up': 'the tracker was still being asked for it',
  allocating: 'its space on disk was still being taken',
  checking: 'the part of it that is there was still being checked',
  reusing: 'bytes of it were still being taken from files on this disk',
  verifying: 'the whole of it was still being checked',
};

/** Explains an abort. @param error the error of the work, which tells more than the signal if it is of a tracker or a disk */
function explainAbort({ reason }: AbortSignal, error: Error, phase: GetPhase | undefined): GetError {
  if (reason instanceof CallbackError) {
    return new GetError('CALLBACK_FAILED', reason.message, { cause: reason.cause });
  }
  const hasTimedOut = isTimeout(reason);
  const code = hasTimedOut ? 'TIMED_OUT' : 'ABORTED';
  const what = hasTimedOut ? 'The file was not there in time' : 'The download was given up';
  if (error instanceof GivenUpError)
    return new GetError(code, `${what}. ${error.message}`, { cause: reason });
  if (!hasTimedOut) return new GetError(code, what, { cause: reason });
  if (error instanceof TrackerCallError)
    return new GetError(code, `${what}. ${error.message}`, { cause: error });
  const unfinished = phase && UNFINISHED[phase];
  return new GetError(code, unfinished === undefined ? what : `${what}: ${unfinished}`, { cause: reason });
}

import { backOff, TrackerCallError } from '../tracker-client/index.ts';
import { type Clock, pause, type Random, type ReportError, toError } from '../util/index.ts';

/** The number of times that a call of a tracker's web API is made before it counts as failed. */
const MOST_TRIES = 4;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 8000;

/** The options of {@link askAgain}. */
export interface AskAgainOptions {
  /** The call as a phrase, for the report of a failure: `get torrent 0123… from http://t.example`. */
  readonly what: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
}

/**
 * Asks a tracker, and asks again after a failure that may pass: four times within about seven seconds.
 *
 * @throws the last error of `ask`, or its first error that will not pass; and the signal's reason
 */
export async function askAgain<T>(ask: () => Promise<T>, options: AskAgainOptions): Promise<T> {
  const { what, signal, clock, random, report } = options;
  for (let failures = 1; ; failures += 1) {
    try {
      return await ask();
    } catch (thrown) {
      if (failures === MOST_TRIES || !mayPass(thrown)) throw thrown;
      report(toError(thrown), what);
    }
    await pause(clock, backOff(failures, FIRST_RETRY_MS, LONGEST_RETRY_MS, random), signal);
  }
}

/** Tells whether a tracker that has failed with this error may answer soon. */
export function mayPass(thrown: unknown): boolean {
  if (!(thrown instanceof TrackerCallError) || thrown.isHopeless) return false;
  const { code, status = 0 } = thrown;
  return code === 'UNREACHABLE' || code === 'TIMED_OUT' || status >= 500 || status === 429;
}

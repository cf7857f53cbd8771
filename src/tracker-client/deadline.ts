import type { Clock } from '../util/index.ts';
import { IS_IT_RUNNING } from './finding.ts';
import { TrackerCallError } from './tracker-call-error.ts';

/** The limits of the time of some work. */
export interface Deadline {
  /** The milliseconds for all of it. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Ends the work early when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does `work` until its time is up or the caller aborts it. The work must end when its signal aborts.
 *
 * @param what the work, for the message: `GET http://t.example/announce`
 * @throws {TrackerCallError} `TIMED_OUT` or `ABORTED`; and the errors of `work`
 */
export async function withinDeadline<Result>(
  what: string,
  { timeoutMs, clock, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const cancelTimer = clock.setTimer(timeoutMs, () => {
    const message = `${what}: no answer within ${timeoutMs / 1000} s`;
    stop.abort(new TrackerCallError('TIMED_OUT', message, { advice: IS_IT_RUNNING }));
  });
  const onAbort = () =>
    stop.abort(
      new TrackerCallError('ABORTED', `${what}: it was given up before there was an answer`, {
        advice: IS_IT_RUNNING,
        cause: signal?.reason,
      }),
    );
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await work(stop.signal);
  } catch (thrown) {
    if (stop.signal.aborted) throw stop.signal.reason;
    throw thrown;
  } finally {
    cancelTimer();
    signal?.removeEventListener('abort', onAbort);
  }
}

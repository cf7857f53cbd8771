import type { Clock } from '../util/index.ts';
import { IS_IT_RUNNING } from './finding.ts';
import { TrackerCallError } from './tracker-call-error.ts';

/** The limits of a piece of work. */
export interface Deadline {
  /** Milliseconds for all of it. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Ends it early; absent: nothing does. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does `work` as long as there is time and the caller still wants it; `work` must end when its signal says so.
 *
 * @param what is done, for the message: `GET http://t.example/announce`
 * @throws {TrackerCallError} `TIMED_OUT`, `ABORTED`, and what `work` throws before that
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
      new TrackerCallError('ABORTED', `${what}: there was no answer yet when it was given up`, {
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

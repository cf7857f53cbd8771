import { IS_IT_RUNNING } from './finding.ts';
import { TrackerCallError } from './tracker-call-error.ts';

/**
 * Does `work` as long as there is time and the caller still wants it; `work` must end when its signal says so.
 *
 * @param what is done, for the message: `GET http://t.example/announce`
 * @param timeoutMs milliseconds for all of it
 * @throws {TrackerCallError} `TIMED_OUT`, `ABORTED`, and what `work` throws before that
 */
export async function withinDeadline<Result>(
  what: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const timer = setTimeout(() => {
    const message = `${what}: no answer within ${timeoutMs / 1000} s`;
    stop.abort(new TrackerCallError('TIMED_OUT', message, { advice: IS_IT_RUNNING }));
  }, timeoutMs);
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
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

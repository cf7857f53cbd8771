import { wakefulClock } from '../util/index.ts';

/** Milliseconds in which a get comes to its end after its signal aborted. What takes longer is left alone. */
export const STOPPING_MS = 3_000;
/** The time for what has no reason to take long, such as ending a thread, when a get ends otherwise. */
export const CLOSE_LIMIT = { limitMs: 10_000, clock: wakefulClock };

/** A controller that aborts with the signal of the caller. */
export interface Stop {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** Ends its interest in the signal of the caller. */
  forget(): void;
}

/** @param signal `undefined`: only {@link Stop.abort} aborts it */
export function stopBy(signal: AbortSignal | undefined): Stop {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  // Not AbortSignal.any(): Node 20 may collect an AbortSignal.timeout() as garbage while only that looks at it.
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    forget: () => signal?.removeEventListener('abort', onAbort),
  };
}

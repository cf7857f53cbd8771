import type { Clock, CloseLimit } from '../util/index.ts';

/** The milliseconds within which a get ends after its signal has aborted. Work that takes longer is left alone. */
export const STOPPING_MS = 3_000;
/** The milliseconds for closing each thing at any other end of a get, such as a thread. */
const CLOSING_MS = 10_000;

/** Limits the time in which each thing must close. */
export function closeLimit(clock: Clock): CloseLimit {
  return { limitMs: CLOSING_MS, clock };
}

/** A controller that aborts with the signal of the caller. */
export interface Stop {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  /** Stops listening to the caller's signal. */
  forget(): void;
}

/** Makes a controller that aborts with a signal. @param signal with `undefined`, only {@link Stop.abort} aborts it */
export function stopBy(signal: AbortSignal | undefined): Stop {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  // AbortSignal.any() is not used: Node 20 may collect an AbortSignal.timeout() as garbage while only that listens to it.
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    forget: () => signal?.removeEventListener('abort', onAbort),
  };
}

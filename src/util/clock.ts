/** Ends a timer; harmless when it has fired or was cancelled. */
export type CancelTimer = () => void;

/**
 * Time as a parameter. Production code is given {@link systemClock}, a simulation its own.
 * Times are milliseconds on a clock that never goes back and whose zero means nothing.
 */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls `fire` once, `delayMs` from now at the earliest. */
  setTimer(delayMs: number, fire: () => void): CancelTimer;
}

/** The machine's monotonic clock. A pending timer does not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Like {@link systemClock}, but a pending timer keeps the process alive: for what must still happen. */
export const wakefulClock: Clock = {
  now: () => systemClock.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Cancels a timer. That is harmless when it has fired or was cancelled before. */
export type CancelTimer = () => void;

/**
 * The port for time. Production code is given {@link systemClock}, and a simulation its own clock. Times are
 * milliseconds on a clock that never goes back; only their differences have a meaning.
 */
export interface Clock {
  /** Tells the time in milliseconds; it never goes back. */
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

/** A clock like {@link systemClock} whose pending timers keep the process alive, for work that must still be done. */
export const wakefulClock: Clock = {
  now: () => systemClock.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

import type { Clock } from '../util/index.ts';

/** The milliseconds between two calls with the progress. */
export const PROGRESS_MS = 1000;

/** Wraps a callback so that it gets the first value, and then about one a second. The other values are dropped. */
export function paced<T>(clock: Clock, tell: (value: T) => void): (value: T) => void {
  let nextAt = Number.NEGATIVE_INFINITY;
  return (value) => {
    const now = clock.now();
    if (now < nextAt) return;
    nextAt = now + PROGRESS_MS;
    tell(value);
  };
}

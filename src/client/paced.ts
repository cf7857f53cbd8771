import type { Clock } from '../util/index.ts';

/** The milliseconds between two calls that tell of progress. */
export const PROGRESS_MS = 1000;

/** Tells the first of what it is called with, and then one about every second: the rest is dropped. */
export function paced<T>(clock: Clock, tell: (value: T) => void): (value: T) => void {
  let nextAt = Number.NEGATIVE_INFINITY;
  return (value) => {
    const now = clock.now();
    if (now < nextAt) return;
    nextAt = now + PROGRESS_MS;
    tell(value);
  };
}

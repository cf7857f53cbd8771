import type { Clock } from './clock.ts';

/** Calls `work` every `period` milliseconds. @returns a function that ends it */
export function repeat(clock: Clock, period: number, work: () => void): () => void {
  let cancel = clock.setTimer(period, turn);
  return () => cancel();

  function turn(): void {
    cancel = clock.setTimer(period, turn);
    work();
  }
}

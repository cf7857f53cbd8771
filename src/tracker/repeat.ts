import type { Clock } from '../util/index.ts';

/** Calls `work` every `period` milliseconds. @returns what ends that */
export function repeat(clock: Clock, period: number, work: () => void): () => void {
  let cancel = clock.setTimer(period, turn);
  return () => cancel();

  function turn(): void {
    cancel = clock.setTimer(period, turn);
    work();
  }
}

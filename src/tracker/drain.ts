import type { Clock } from '../util/index.ts';

/** Milliseconds for what was asked to be answered when a tracker closes, before connections are cut. */
export const DRAIN_TIMEOUT = 5_000;

/** A wait that the clock ends. */
export function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => clock.setTimer(milliseconds, resolve));
}

import type { Random } from '../util/index.ts';

/**
 * Says how long to wait after a number of failures in a row: doubles from `firstMs` to `longestMs`, spread by a quarter to
 * either side, so that those who failed together do not come back together.
 *
 * @param failures at least 1
 * @returns milliseconds
 */
export function backOff(failures: number, firstMs: number, longestMs: number, random: Random): number {
  return Math.min(longestMs, firstMs * 2 ** (failures - 1)) * (0.75 + random.next() / 2);
}

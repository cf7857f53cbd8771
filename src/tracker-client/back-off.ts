import type { Random } from '../util/index.ts';

/**
 * Computes how long to wait after failures in a row. The wait doubles from `firstMs` to `longestMs`, and is spread by a
 * quarter to either side, so that clients that failed together do not come back together.
 *
 * @param failures the number of failures in a row, at least 1
 * @returns milliseconds
 */
export function backOff(failures: number, firstMs: number, longestMs: number, random: Random): number {
  return Math.min(longestMs, firstMs * 2 ** (failures - 1)) * (0.75 + random.next() / 2);
}

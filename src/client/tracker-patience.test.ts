import { describe, expect, test } from 'vitest';
import type { TrackerState } from '../tracker-client/index.ts';
import { isWithoutHope } from './tracker-patience.ts';

const MINUTE = 60_000;
const start = 1000;

const fine: TrackerState = {
  url: 'http://t.example/announce',
  state: 'answered',
  failures: 0,
  failingSince: 0,
  error: undefined,
  isHopeless: false,
};
const failing = (failures: number, failingSince = start): TrackerState => ({
  ...fine,
  state: 'failed',
  failures,
  failingSince,
  error: new Error('down'),
});
const hopeless: TrackerState = { ...failing(1), isHopeless: true };

/** Tells whether it gives up this many milliseconds after the start. */
const givesUp = (
  trackers: readonly TrackerState[],
  after: number,
  { known = 0, reachedAt = start }: { known?: number; reachedAt?: number } = {},
) => isWithoutHope({ trackers, known, reachedAt }, start + after, 2 * MINUTE);

describe('isWithoutHope()', () => {
  test('isWithoutHope() is true at once when no tracker can ever work and no peer is known', () => {
    expect(givesUp([hopeless, hopeless], 0)).toBe(true);
    expect(givesUp([], 0)).toBe(true);
  });

  test('isWithoutHope() is false while one tracker of two may work', () => {
    expect(givesUp([hopeless, failing(1)], 0)).toBe(false);
    expect(givesUp([hopeless, fine], 9 * MINUTE)).toBe(false);
    expect(givesUp([failing(9), { ...fine, state: 'asked' }], 9 * MINUTE)).toBe(false);
  });

  test('isWithoutHope() is true when every tracker has failed three times and for two minutes', () => {
    expect(givesUp([failing(8)], 2 * MINUTE - 1)).toBe(false);
    expect(givesUp([failing(8)], 2 * MINUTE)).toBe(true);
    expect(givesUp([failing(2)], 9 * MINUTE)).toBe(false);
    expect(givesUp([failing(8), failing(3, start + MINUTE)], 2 * MINUTE)).toBe(false);
    expect(givesUp([failing(8), failing(3, start + MINUTE)], 3 * MINUTE)).toBe(true);
  });

  test('isWithoutHope() is false for two minutes when peers are known, and as long after the last connection', () => {
    expect(givesUp([hopeless], MINUTE, { known: 1 })).toBe(false);
    expect(givesUp([hopeless], 2 * MINUTE, { known: 1 })).toBe(true);
    expect(givesUp([failing(8)], 3 * MINUTE, { known: 1, reachedAt: start + 2 * MINUTE })).toBe(false);
  });
});

import { describe, expect, test } from 'vitest';
import { TrackerCallError } from '../tracker-client/index.ts';
import { seededRandom } from '../util/index.ts';
import { askAgain } from './ask-again.ts';

/** Asks a tracker that fails with these errors, one after the other, and then answers; waits take no time. */
function setUp(failures: readonly Error[], onWait = () => {}) {
  const left = [...failures];
  const waits: number[] = [];
  const reported: string[] = [];
  const stop = new AbortController();
  const answer = askAgain(
    async () => {
      const failure = left.shift();
      if (failure !== undefined) throw failure;
      return 'answer';
    },
    {
      what: 'ask',
      signal: stop.signal,
      clock: {
        now: () => 0,
        setTimer: (delayMs, fire) => {
          waits.push(delayMs);
          onWait();
          if (!stop.signal.aborted) queueMicrotask(fire);
          return () => {};
        },
      },
      random: seededRandom(1),
      report: (error) => reported.push(error.message),
    },
  );
  return { answer, waits, reported, left, stop };
}

const down = new TrackerCallError('BAD_STATUS', 'HTTP status 503', { status: 503 });
const notFound = new TrackerCallError('BAD_STATUS', 'HTTP status 404', { status: 404 });
const noHost = new TrackerCallError('UNREACHABLE', 'ENOTFOUND', { isHopeless: true });

describe('askAgain()', () => {
  test('askAgain() asks four times, waits longer each time, and reports each failure', async () => {
    const { answer, waits, reported } = setUp([down, new TrackerCallError('TIMED_OUT', 'late'), down]);
    expect(await answer).toBe('answer');
    expect(waits).toHaveLength(3);
    expect(waits[0]).toBeLessThan(1300);
    expect(waits[2]).toBeGreaterThan(2900);
    expect(reported).toEqual(['HTTP status 503', 'late', 'HTTP status 503']);
  });

  test('askAgain() rejects with the fourth failure', async () => {
    const { answer, left } = setUp([down, down, down, down, down]);
    await expect(answer).rejects.toBe(down);
    expect(left).toHaveLength(1);
  });

  test.each([
    ['a refusal', notFound],
    ['a host that does not exist', noHost],
    ['a defect', new Error('boom')],
  ])('askAgain() does not ask again after a lasting failure: %s', async (_, error) => {
    const { answer, waits } = setUp([error]);
    await expect(answer).rejects.toBe(error);
    expect(waits).toEqual([]);
  });

  test('askAgain() rejects when the signal aborts', async () => {
    const asked = setUp([down], () => queueMicrotask(() => asked.stop.abort(new Error('enough'))));
    await expect(asked.answer).rejects.toThrow('enough');
  });
});

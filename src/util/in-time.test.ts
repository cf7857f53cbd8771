import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { GivenUpError, untilGivenUp } from './index.ts';

const GRACE_MS = 3000;

/** A promise that a test settles. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

function setUp() {
  const clock = new FakeClock();
  const stop = new AbortController();
  const reported: string[] = [];
  const report = (error: Error, context: string) => reported.push(`${context}: ${error.message}`);
  const grace = { signal: stop.signal, graceMs: GRACE_MS, clock, report };
  return { clock, stop, reported, grace };
}

test('untilGivenUp() passes on the result or error of the work, and leaves no timer', async () => {
  const { stop, grace, clock } = setUp();
  expect(await untilGivenUp(Promise.resolve(7), grace)).toBe(7);
  const failing = untilGivenUp(Promise.reject(new Error('boom')), grace);
  await expect(failing).rejects.toThrow('boom');
  stop.abort();
  await expect(untilGivenUp(Promise.resolve(8), grace)).resolves.toBe(8);
  expect(clock.pendingCount).toBe(0);
});

test('untilGivenUp() rejects when the work has not ended after the grace, and reports its later failure', async () => {
  const { stop, grace, clock, reported } = setUp();
  const hanging = deferred<undefined>();
  const waiting = untilGivenUp(hanging.promise, grace);
  stop.abort(new Error('too late'));
  clock.advance(GRACE_MS);
  const error = await waiting.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GivenUpError);
  expect(error).toMatchObject({ code: 'GIVEN_UP', cause: { message: 'too late' } });
  hanging.reject(new Error('EIO'));
  await expect(hanging.promise).rejects.toThrow();
  expect(reported).toEqual(['end what was given up: EIO']);
});

test('untilGivenUp() waits without a time limit until the signal aborts', async () => {
  const { grace, clock } = setUp();
  const slow = deferred<string>();
  const waiting = untilGivenUp(slow.promise, grace);
  expect(clock.pendingCount).toBe(0);
  slow.resolve('done');
  expect(await waiting).toBe('done');
});

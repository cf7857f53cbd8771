import { inBackground, type ReportError } from './background.ts';
import type { Clock } from './clock.ts';
import { ShoalError, toError } from './errors.ts';

/**
 * The error for work that was told to stop and did not, for example because a call to a disk hangs. Its `cause` is the
 * reason why the work was told to stop.
 */
export class GivenUpError extends ShoalError<'GIVEN_UP'> {
  constructor(graceMs: number, cause: unknown) {
    const message = `The work under way did not end within ${graceMs / 1000} s of being told to stop: a disk or mount may hang`;
    super('GIVEN_UP', message, { cause });
  }
}

/** The rule for when to stop waiting for work. */
export interface Grace {
  /** The signal that aborts when the work is to stop, and that the work listens to. */
  readonly signal: AbortSignal;
  /** The milliseconds that the work has from then on. They are read when the signal aborts. */
  readonly graceMs: number;
  readonly clock: Clock;
  /** Takes what the work throws after it was given up. */
  readonly report: ReportError;
}

/**
 * Waits for work that ends by itself when its signal aborts, and gives it up when it has not ended `graceMs` later.
 *
 * @returns what the work returns
 * @throws {GivenUpError} and whatever the work throws before that
 */
export function untilGivenUp<T>(work: Promise<T>, grace: Grace): Promise<T> {
  const { signal, clock, report } = grace;
  return new Promise((resolve, reject) => {
    let cancelTimer = () => {};
    const onAbort = () => {
      const { graceMs } = grace;
      cancelTimer = clock.setTimer(graceMs, () => {
        reject(new GivenUpError(graceMs, signal.reason));
        inBackground(work, 'end what was given up', report);
      });
    };
    const stopWaiting = () => {
      signal.removeEventListener('abort', onAbort);
      cancelTimer();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then(
      (result) => {
        stopWaiting();
        resolve(result);
      },
      (thrown: unknown) => {
        stopWaiting();
        reject(toError(thrown));
      },
    );
  });
}

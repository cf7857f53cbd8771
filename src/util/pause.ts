import type { Clock } from './clock.ts';
import { toError } from './errors.ts';

/**
 * Waits for a time.
 *
 * @param signal ends the wait early when it aborts
 * @throws the signal's reason
 */
export function pause(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(toError(signal?.reason));
    };
    const cancel = clock.setTimer(milliseconds, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

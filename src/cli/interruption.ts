import { once } from 'node:events';
import { isClosed } from './closed-output.ts';
import { InterruptedError } from './errors.ts';

/**
 * Lets the user stop the command: the first SIGINT or SIGTERM aborts the signal returned, and so does the end of
 * whoever reads stdout (`shoal ls | head`).
 *
 * @param onSecond the user has asked twice: end at once
 */
export function listenForInterruption(onSecond: () => never): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) onSecond();
      controller.abort(new InterruptedError(name));
    });
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isClosed(error, process.stdout)) controller.abort(new InterruptedError('a closed output'));
  });
  return controller.signal;
}

/** Waits until the user wants to stop. Something else, such as a listening socket, keeps the process alive. */
export async function untilInterrupted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

import { once } from 'node:events';
import { isClosed } from './closed-output.ts';
import { InterruptedError } from './errors.ts';
import { outlivesTerminal } from './outlives-terminal.ts';
import { onSignal } from './supervised.ts';

/** The ways in which the user stops a command. */
export interface Interruption {
  /** The signal that aborts when the command is to stop. */
  readonly signal: AbortSignal;
  /** Gives SIGHUP another meaning: from now on it calls `handle` and does not stop the command. */
  readonly takeHangup: (handle: () => void) => void;
}

/**
 * Lets the user stop the command. The first SIGINT, SIGTERM or SIGHUP aborts the returned signal, and so does the end of the
 * program that reads stdout (`shoal ls | head`). SIGHUP means that the terminal is closed; a command that was started with
 * `nohup` goes on.
 *
 * @param onSecond called at a second SIGINT or SIGTERM, to end at once. A second SIGHUP is ignored, because the system and
 * the shell may both send one
 * @param holdsHangup whether a SIGHUP that comes before `takeHangup()` waits for it instead of stopping the command
 */
export function listenForInterruption(onSecond: () => never, holdsHangup: boolean): Interruption {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    onSignal(name, () => {
      if (controller.signal.aborted) onSecond();
      controller.abort(new InterruptedError(name));
    });
  }
  let isHangupHeld = false;
  const stopAtHangup = () => controller.abort(new InterruptedError('SIGHUP'));
  const holdHangup = () => {
    isHangupHeld = true;
  };
  let onHangup = holdsHangup ? holdHangup : outlivesTerminal() ? () => {} : stopAtHangup;
  onSignal('SIGHUP', () => onHangup());
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isClosed(error, process.stdout)) controller.abort(new InterruptedError('a closed output'));
  });
  return {
    signal: controller.signal,
    takeHangup: (handle) => {
      onHangup = handle;
      if (isHangupHeld) handle();
    },
  };
}

/** Waits until the user stops the command. Something else, such as a listening socket, must keep the process alive. */
export async function untilInterrupted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

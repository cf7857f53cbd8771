import type { ExitCode } from './exit-code.ts';

/** The signals that the user sends to stop a command, or to have it read its settings again. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type Signal = (typeof SIGNALS)[number];

/** The exit code, repeated here because this file loads no other one. */
const INTERRUPTED: typeof ExitCode.interrupted = 130;

/** The signals that have come and that nobody has taken yet. */
const held: Signal[] = [];

/**
 * Keeps the signals that come while the program is being loaded, until the command takes them. Without a listener the
 * system would end the process, and scripts would see 143 or 130 in place of the documented exit code. A second signal
 * ends the process at once.
 */
export function holdSignals(): void {
  for (const name of SIGNALS) process.on(name, hold);
}

/** Calls `handle` for each signal of that name, those that were held included. */
export function takeSignal(name: Signal, handle: () => void): void {
  process.on(name, handle);
  process.off(name, hold);
  const count = held.filter((other) => other === name).length;
  for (let taken = 0; taken < count; taken += 1) {
    held.splice(held.indexOf(name), 1);
    handle();
  }
}

function hold(name: NodeJS.Signals): void {
  if (name !== 'SIGHUP' && held.some((other) => other !== 'SIGHUP')) process.exit(INTERRUPTED);
  held.push(name as Signal);
}

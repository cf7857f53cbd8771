import type { ExitCode } from './exit-code.ts';

/** The signals by which the user stops a command, or makes it read its settings again. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type Signal = (typeof SIGNALS)[number];

/** The exit code, repeated here because this file loads no other one. */
const INTERRUPTED: typeof ExitCode.interrupted = 130;

/** The signals that have come and are not handled yet. */
const held: Signal[] = [];

/**
 * Holds the signals that come while the program is loaded, until the command takes them. Without a listener, the system
 * would end the process, and scripts would see 143 or 130 instead of the documented exit code. A second signal ends the
 * process at once.
 */
export function holdSignals(): void {
  for (const name of SIGNALS) process.on(name, hold);
}

/** Calls `handle` for each signal of a name, also for held ones. */
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

import type { ExitCode } from './exit-code.ts';
import { type Signal, takeSignal } from './signals.ts';

/** The variable that tells a process who supervises it: process ids of the supervisor and of the supervisor's parent. */
const SUPERVISOR_VARIABLE = '_SHOAL_SUPERVISOR';

/** The message of the supervisor: it was sent a signal. */
export interface SupervisorMessage {
  readonly signal: Signal;
}

/** The message of the supervised process: it ends with this exit code, as far as the system lets it. */
export interface SupervisedMessage {
  readonly ending: ExitCode;
}

/** Makes the environment by which a process knows that this one supervises it. */
export function supervisedEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, [SUPERVISOR_VARIABLE]: `${process.pid} ${process.ppid}` };
}

/** Tells whether another process of ours waits for the end of this one: see `supervise.ts`. */
export function isSupervised(): boolean {
  return process.connected && supervisors()[0] === process.ppid;
}

/** Finds the process that started the command, be it supervised or not. */
export function starterOfCommand(): number {
  return isSupervised() ? supervisors()[1]! : process.ppid;
}

/**
 * Calls `handle` when the user sends the command a signal. A terminal sends a signal to all processes of a command: one
 * that is supervised ignores what it is sent itself, and does what its supervisor tells it.
 */
export function onSignal(name: SupervisorMessage['signal'], handle: () => void): void {
  if (!isSupervised()) {
    takeSignal(name, handle);
    return;
  }
  takeSignal(name, () => {});
  process.on('message', ({ signal }: SupervisorMessage) => {
    if (signal === name) handle();
  });
  // Listening must not keep the process alive.
  process.channel?.unref();
}

/** Calls `handle` when the supervisor, if there is one, was killed, as nobody can stop this process any more then. */
export function onSupervisorGone(handle: () => void): void {
  if (!isSupervised()) return;
  process.once('disconnect', handle);
  process.channel?.unref();
}

/** Tells the supervisor that this process ends now. */
export function tellEnding(ending: ExitCode): void {
  const message: SupervisedMessage = { ending };
  process.send?.(message);
}

function supervisors(): number[] {
  return (process.env[SUPERVISOR_VARIABLE] ?? '').split(' ').map(Number);
}

import type { ExitCode } from './exit-code.ts';
import { type Signal, takeSignal } from './signals.ts';

/** The variable that tells a process its supervisor: the process ids of the supervisor and of the supervisor's parent. */
const SUPERVISOR_VARIABLE = '_SHOAL_SUPERVISOR';

/** The message of the supervisor that it has got a signal. */
export interface SupervisorMessage {
  readonly signal: Signal;
}

/** The message of the supervised process that it ends, with its exit code. The system may keep it from ending. */
export interface SupervisedMessage {
  readonly ending: ExitCode;
}

/** Makes the environment by which a process knows that this one supervises it. */
export function supervisedEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, [SUPERVISOR_VARIABLE]: `${process.pid} ${process.ppid}` };
}

/** Tells whether another process of Shoal waits for the end of this one, see `supervise.ts`. */
export function isSupervised(): boolean {
  return process.connected && supervisors()[0] === process.ppid;
}

/** Finds the process id of the program that has started the command, even if the command is supervised. */
export function starterOfCommand(): number {
  return isSupervised() ? supervisors()[1]! : process.ppid;
}

/**
 * Calls `handle` when the user sends the command a signal. A terminal sends signals to all processes of a command. A
 * supervised process ignores its own, and waits for the message of its supervisor.
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

/** Calls `handle` when the supervisor, if there is one, was killed, because nobody could then stop this process. */
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

import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** The fields of `/proc/PID/stat`, counted from behind the process's name, which may hold any characters. @see man 5 proc */
const STATE_FIELD = 0;
const START_TIME_FIELD = 19;

/** The identity of a process. It differs from that of a later process with the same id, or one on another machine. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The time of its start, in a unit of the system; empty if the system does not tell. */
  readonly startTime: string;
  /** A text for the machine, its last start and, in a container, the set of processes that this one can see. */
  readonly machine: string;
}

/** Identifies this process. */
export async function identifySelf(): Promise<ProcessIdentity> {
  const [boot, processes] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  const machine = [hostname(), boot.trim(), processes].join(' ').trim();
  return { pid: process.pid, startTime: (await startTimeOf(process.pid)) ?? '', machine };
}

/** Tells whether a process of this machine still runs. */
export async function isRunning({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // EPERM means that the process is there and belongs to another user.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
  const found = await startTimeOf(pid);
  return found !== undefined && (startTime === '' || found === '' || found === startTime);
}

/**
 * Reads the start time of a process. The text is empty if the system does not tell, and `undefined` for a process that has
 * ended and is only listed still.
 */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return 'ZX'.includes(fields[STATE_FIELD] || '-') ? undefined : (fields[START_TIME_FIELD] ?? '');
}

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { starterOfCommand } from './supervised.ts';

/**
 * Tells whether the command was started so that it goes on when its terminal is closed: by `nohup`, or by a shell that
 * ignores SIGHUP. Such a program is started with SIGHUP ignored, but Node.js gives every signal its usual effect again
 * before any code of ours runs. So this looks at the process that started it.
 */
export function outlivesTerminal(): boolean {
  // Shells put the name of the program that they start into this variable, and nohup leaves it as it is.
  return basename(process.env['_'] ?? '') === 'nohup' || ignoresHangup(starterOfCommand());
}

/** Tells whether a process ignores SIGHUP. @returns false, too, where the system does not say: outside of Linux */
function ignoresHangup(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
    // The lowest bit is that of signal 1, SIGHUP.
    return Number.parseInt(ignored.at(-1)!, 16) % 2 === 1;
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    return false;
  }
}

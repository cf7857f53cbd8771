import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { starterOfCommand } from './supervised.ts';

/**
 * Tells whether the command was started so that it outlives its terminal: by `nohup`, or by a shell that ignores SIGHUP. The
 * process is then started with SIGHUP ignored, but Node.js gives every signal its usual effect before our code runs. So this
 * looks at the process that has started it.
 */
export function outlivesTerminal(): boolean {
  // Shells put the name of the program that they start into this variable, and nohup does not change it.
  return basename(process.env['_'] ?? '') === 'nohup' || ignoresHangup(starterOfCommand());
}

/** Tells whether a process ignores SIGHUP. @returns `false` also on systems that do not tell, which are all but Linux */
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

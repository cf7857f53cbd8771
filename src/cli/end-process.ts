import { accessSync, closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from './exit-code.ts';
import { exitLibrary } from './exit-library.ts';
import { isSupervised, tellEnding } from './supervised.ts';

/** A process of Node 22.15 or later, in which `process.execve` replaces the process by another program. */
type ProcessWithExecve = NodeJS.Process & {
  readonly execve?: (file: string, args: readonly string[], env: Readonly<Record<string, string>>) => never;
};

/** The program that takes the place of the process: a shell, which ends with an exit code within a millisecond or two. */
const SHELL = '/bin/sh';
/** The folders for a library to be loaded. The one in memory comes first, because a disk may hang. */
const SCRATCH_FOLDERS = ['/dev/shm', tmpdir()];

/**
 * Ends the process at once with an exit code, even if a thread hangs.
 *
 * `process.exit()` cannot do that: it waits for all threads, and a thread in a system call on a disk that hangs does not end.
 * See docs/adr/0017-ending-when-a-disk-hangs.md for the possible ways and their order.
 */
export function endProcess(code: ExitCode): never {
  if (isSupervised()) {
    // The supervisor ends with the code.
    tellEnding(code);
    stopOutput();
  } else if (process.platform !== 'win32') {
    becomeShell(code);
    if (process.platform === 'linux') loadExit(code);
  }
  if (process.platform !== 'win32') process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}

/**
 * Closes the outputs, because other programs may wait for their end. Not even SIGKILL ends a thread whose call a file system
 * does not answer, and the process keeps all its files open until that thread ends.
 */
function stopOutput(): void {
  for (const fd of [0, 1, 2]) closeSync(fd);
}

/** Replaces the process by a shell that ends. It returns if Node or the system cannot do that. */
function becomeShell(code: ExitCode): void {
  const { execve } = process as ProcessWithExecve;
  // When there is no such program, execve() ends the process with SIGABRT.
  if (execve === undefined || !isExecutable(SHELL)) return;
  execve.call(process, SHELL, ['sh', '-c', `exit ${code}`], {});
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    return false;
  }
}

/** Loads a library that ends the process. It returns if the system does not allow that, or has another processor. */
function loadExit(code: ExitCode): void {
  const { arch } = process;
  if (arch !== 'x64' && arch !== 'arm64') return;
  const library = exitLibrary(code, arch);
  for (const folder of SCRATCH_FOLDERS) {
    try {
      loadFrom(folder, library);
    } catch (thrown) {
      // This folder is not writable, or no file in it may be run. The next one may do.
      if (!(thrown instanceof Error)) throw thrown;
    }
  }
}

function loadFrom(folder: string, library: Uint8Array): void {
  const own = mkdtempSync(join(folder, 'shoal-'));
  let fd: number;
  try {
    fd = openSync(join(own, 'exit'), 'wx+', 0o700);
    writeSync(fd, library);
  } finally {
    rmSync(own, { recursive: true });
  }
  // The file no longer has a name, but exists while it is open.
  process.dlopen({ exports: {} }, `/proc/self/fd/${fd}`);
}

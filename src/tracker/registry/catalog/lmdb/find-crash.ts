import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DAMAGED_EXIT_CODE } from './damaged-exit-code.ts';
import { openToRead } from './data-file.ts';

/** The signals that end a process which follows a damaged pointer. */
const CRASHES: readonly string[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE'];

/**
 * The milliseconds that reading may take in any case, and the bytes a second beyond that: if it takes longer, a pointer
 * leads back.
 */
const READING_MS = 60_000;
const SLOWEST_BYTES_PER_SECOND = 256 * 1024;

/**
 * Finds out whether LMDB can work with a catalog's file. LMDB trusts the file and crashes the process if it is damaged in a
 * way that {@link findDefect} does not know, so another process reads the whole file and tries changes first.
 *
 * @returns the failure; `undefined` when there was none, or it could not be found out
 */
export async function findCrash(path: string): Promise<string | undefined> {
  const file = await openToRead(path);
  if (file === undefined) return undefined;
  const { size } = await file.stat();
  await file.close();
  const program = fileURLToPath(new URL('./read-catalog.js', import.meta.url));
  // The options of this process, such as `--input-type`, must not apply to that one.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const timeout = READING_MS + Math.ceil((size / SLOWEST_BYTES_PER_SECOND) * 1000);
  const started = performance.now();
  const reader = spawn(process.execPath, [program, path], {
    stdio: 'ignore',
    env,
    timeout,
    killSignal: 'SIGKILL',
  });
  const end: unknown[] = await once(reader, 'close').catch(() => []);
  const [code, signal] = end;
  if (signal === 'SIGKILL' && performance.now() - started >= timeout) return 'LMDB does not come to its end';
  const crash = CRASHES.find((name) => name === signal);
  if (code !== DAMAGED_EXIT_CODE && crash === undefined) return undefined;
  return crash === undefined ? 'LMDB cannot read it to its end' : `reading it ends in ${crash}`;
}

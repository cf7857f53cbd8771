import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TrackerError } from '../../tracker-error.ts';
import { DAMAGED_EXIT_CODE } from './damaged-exit-code.ts';
import { isLmdbFile } from './data-file.ts';

/** The signals that end a process which follows a damaged pointer. */
const CRASHES: readonly string[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE'];

/**
 * Finds out whether the form of a catalog's file is damaged, as when a bit of a pointer in it has flipped. LMDB trusts
 * such pointers, and takes the process with it that follows them: so another process reads the whole file first.
 *
 * @returns what is wrong, `DAMAGED_STATE`; `undefined` when nothing is, or it could not be found out
 */
export async function findDamage(path: string): Promise<TrackerError | undefined> {
  if (!(await isLmdbFile(path))) return undefined;
  const program = fileURLToPath(new URL('./read-catalog.js', import.meta.url));
  // None of the options of this process, such as `--input-type`, is for that one.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const reader = spawn(process.execPath, [program, path], { stdio: 'ignore', env });
  const end: unknown[] = await once(reader, 'close').catch(() => []);
  const [code, signal] = end;
  const crash = CRASHES.find((name) => name === signal);
  if (code !== DAMAGED_EXIT_CODE && crash === undefined) return undefined;
  const how = crash === undefined ? 'it cannot be read to its end' : `reading it ends in ${crash}`;
  return new TrackerError('DAMAGED_STATE', `The catalog in ${path} is damaged: ${how}`);
}

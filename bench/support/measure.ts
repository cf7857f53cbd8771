import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  deadline,
  repositoryRoot,
  type SpawnedProcess,
  type SpawnOptions,
  spawnProcess,
} from '../../test/support/index.ts';

/** Debian's own Python, the one that python3-libtorrent belongs to. */
export const PYTHON = '/usr/bin/python3';

/** A run that takes longer is stuck, milliseconds. */
export const PATIENCE_MS = 10 * 60_000;

/** Of `/proc/PID/stat`: ticks a second, on every Linux there is. */
const TICKS = 100;

/** The resources that a process took from its start to its end. */
export interface Measured {
  /** The seconds on the clock. */
  readonly wall: number;
  /** The seconds of processor of all its threads, user and system. */
  readonly cpu: number;
  /** Bytes. */
  readonly peakRss: number;
}

/** A program that is measured while it runs. */
export interface MeasuredProcess extends AsyncDisposable {
  readonly process: SpawnedProcess;
  /** Waits for its end. @throws {Error} with its output when its exit code is not 0 */
  ended(): Promise<Measured>;
}

/** Starts a program to measure. */
export async function startMeasured(
  command: readonly string[],
  options: SpawnOptions = {},
): Promise<MeasuredProcess> {
  const script = join(repositoryRoot, 'bench/programs/measure.py');
  const spawned = await spawnProcess(PYTHON, [script, ...command], options);
  return {
    process: spawned,
    async ended() {
      const [, json] = await spawned.waitForLine(/^measured (.*)/, deadline(PATIENCE_MS));
      const { exitCode, ...measured } = JSON.parse(json!) as Measured & { readonly exitCode: number };
      if (exitCode !== 0) throw spawned.error(`Expected exit code 0, found ${exitCode} of`);
      return measured;
    },
    [Symbol.asyncDispose]: () => spawned[Symbol.asyncDispose](),
  };
}

/** Runs a program to its end. */
export async function measure(command: readonly string[], options: SpawnOptions = {}): Promise<Measured> {
  await using running = await startMeasured(command, options);
  return await running.ended();
}

/** Reads the seconds of processor that a running process, and its children that have ended, have taken so far. */
export async function cpuSoFar(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold anything; the four times are the 12th to 15th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
}

/** Reads the most bytes of memory that a running process has had. */
export function peakRssSoFar(pid: number): Promise<number> {
  return statusBytes(pid, 'VmHWM');
}

/** Reads the bytes of memory that a running process has now. */
export function rssNow(pid: number): Promise<number> {
  return statusBytes(pid, 'VmRSS');
}

async function statusBytes(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)![1]) * 1024;
}

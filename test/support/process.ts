import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { onTestFailed, TestRunner } from 'vitest';
import { deadline, untilEvent } from './time.ts';

/** The milliseconds that a process may take to end by itself when it is disposed of, before it is killed. */
const GRACE_MS = 3_000;

/** The number of characters that an error shows of the end of a long output. */
const SHOWN_CHARACTERS = 8_000;

export interface SpawnOptions {
  readonly cwd?: string;
  /** Set on top of the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** The words before the command: `namespace.execPrefix` to run in a network namespace. */
  readonly prefix?: readonly string[];
}

/** A running program. It is ended when it goes out of scope: asked first, killed when that does not help. */
export class SpawnedProcess implements AsyncDisposable {
  /** The command line, for messages. */
  readonly name: string;
  readonly pid: number;
  /** Aborts when the process has ended and all its output is here; the reason is an error with the output. */
  readonly ended: AbortSignal;
  readonly #child: ChildProcess;
  readonly #lines = new EventEmitter().setMaxListeners(0);
  readonly #output: string[] = [];
  readonly #stdout: string[] = [];

  /** Made by {@link spawnProcess}, which waits until the process runs. */
  constructor(child: ChildProcess, name: string) {
    this.name = name;
    this.pid = child.pid!;
    this.#child = child;
    this.#collect(child.stdout!, this.#stdout);
    this.#collect(child.stderr!);
    const ended = new AbortController();
    this.ended = ended.signal;
    child.once('close', () => {
      const end = child.exitCode === null ? child.signalCode : `exit code ${child.exitCode}`;
      ended.abort(this.error(`Ended with ${end}:`));
    });
    // Grandchildren may hold the pipes for longer than the process lives, so they are cut soon after its end.
    child.once('exit', () => setTimeout(() => this.#cutOutput(), GRACE_MS).unref());
  }

  /** The lines of stdout and stderr so far, as they came. */
  get output(): string {
    return this.#output.join('\n');
  }

  /** The lines of stdout so far: for programs that speak JSON there. */
  get stdout(): readonly string[] {
    return this.#stdout;
  }

  /** `null` while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /**
   * Waits for a line of stdout or stderr; one that is here already counts.
   *
   * @throws {Error} with the output, when the process ends without such a line or `signal` aborts
   *
   * @example
   * ```ts
   * const [, port] = await tracker.waitForLine(/listening on port (\d+)/);
   * ```
   */
  async waitForLine(pattern: RegExp, signal = deadline()): Promise<RegExpMatchArray> {
    for (const line of this.#output) {
      const found = line.match(pattern);
      if (found !== null) return found;
    }
    try {
      this.ended.throwIfAborted();
      const either = AbortSignal.any([signal, this.ended]);
      const [line] = await untilEvent(this.#lines, 'line', (line) => pattern.test(line as string), either);
      return (line as string).match(pattern)!;
    } catch (cause) {
      throw this.error(`Found no line like ${pattern} in the output of`, cause);
    }
  }

  /**
   * Waits for the end of the process.
   *
   * @throws {Error} with the output, when it ends in another way than with `code`, or not before `signal` aborts
   *
   * @example
   * ```ts
   * await get.exitsWith(0, deadline(10_000));
   * ```
   */
  async exitsWith(code: number, signal = deadline()): Promise<void> {
    try {
      if (!this.ended.aborted) await once(this.ended, 'abort', { signal });
    } catch (cause) {
      throw this.error(`Waited in vain for exit code ${code} of`, cause);
    }
    if (this.exitCode !== code) {
      throw this.error(`Expected exit code ${code}, found ${this.exitCode ?? this.#child.signalCode} of`);
    }
  }

  /** Sends a signal; harmless when the process has ended. `SIGKILL` is how a test pulls the plug. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal);
  }

  /** Writes one line to the process' stdin. */
  writeLine(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended.aborted) return;
    const ended = once(this.ended, 'abort');
    this.#child.stdin!.end();
    this.kill('SIGTERM');
    const kill = setTimeout(() => this.kill('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(kill);
  }

  #collect(stream: Readable, lines: string[] = []): void {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      this.#output.push(line);
      this.#lines.emit('line', line);
    });
  }

  #cutOutput(): void {
    this.#child.stdout!.destroy();
    this.#child.stderr!.destroy();
  }

  /** An error that begins with `what`, names the program and shows its output. */
  error(what: string, cause?: unknown): Error {
    const shown = this.output.slice(-SHOWN_CHARACTERS);
    const { signalCode } = this.#child;
    const end = signalCode === null ? '' : `, ended by ${signalCode}`;
    return new Error(`${what} ${this.name} (pid ${this.pid}${end}), which said:\n${shown}`, { cause });
  }
}

/**
 * Starts a program. What it says is kept, is part of every error here, and is printed when the test that started it
 * fails.
 *
 * @throws {Error} when the command cannot be run
 *
 * @example
 * ```ts
 * await using seeder = await spawnProcess(process.execPath, ['dist/cli/main.js', 'seed', folder.path]);
 * await seeder.waitForLine(/serving/);
 * ```
 */
export async function spawnProcess(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<SpawnedProcess> {
  const spawned = await start(command, args, options);
  if (TestRunner.getCurrentTest()) onTestFailed(() => console.error(spawned.error('The test used').message));
  return spawned;
}

/**
 * Runs a program to its end.
 *
 * @returns its stdout
 * @throws {Error} with the output, when its exit code is not 0
 *
 * @example
 * ```ts
 * await runProcess('mktorrent', ['-o', folder.join('a.torrent'), folder.join('a')]);
 * ```
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  { signal = deadline(), ...options }: SpawnOptions & { readonly signal?: AbortSignal } = {},
): Promise<string> {
  await using spawned = await start(command, args, options);
  await spawned.exitsWith(0, signal);
  return spawned.stdout.join('\n');
}

async function start(
  command: string,
  args: readonly string[],
  { cwd, env = {}, prefix = [] }: SpawnOptions,
): Promise<SpawnedProcess> {
  const [program, ...rest] = [...prefix, command, ...args] as [string, ...string[]];
  const child = spawn(program, rest, {
    stdio: 'pipe',
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  // A process may end before it has read what we wrote; its exit code tells more than the broken pipe.
  child.stdin.on('error', () => undefined);
  const spawned = new SpawnedProcess(child, [command, ...args].join(' '));
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new Error(`Could not run ${spawned.name}`, { cause });
  }
  return spawned;
}

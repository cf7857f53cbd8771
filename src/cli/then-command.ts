import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { GetResult } from '../client/index.ts';
import type { ThenVariable } from '../config/index.ts';
import { printable, shown, toError } from '../util/index.ts';
import { CommandFailedError, InterruptedError } from './errors.ts';
import type { Signal } from './signals.ts';

/** The milliseconds that the command has to end after a signal was passed on to it. After them it is killed. */
const KILL_AFTER_MS = 2000;
/** A byte of a path that is not UTF-8, in the text form of `diskPathFromBytes()`. */
const LONE_SURROGATE = /\p{Cs}/u;

/** The options of {@link runThen}. */
export interface ThenOptions {
  /** The text for the shell, as the user gave it. */
  readonly command: string;
  readonly result: GetResult & { readonly contentId?: string };
  /** Whether its stdout goes to stderr, because stdout is for events. */
  readonly isJson: boolean;
  /** The signal that aborts with an `InterruptedError` when the user stops `get`. */
  readonly signal: AbortSignal;
}

/** The way in which a command has ended: by an exit code, or by a signal. */
export interface ThenResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs the command of `get --then` by the shell. The result is told in its environment only, and never becomes a part of the
 * text that the shell reads, because the names in it come from strangers. The command and its children are a group of
 * processes of their own, which gets a signal of the user once.
 *
 * @throws {CommandFailedError} when it fails or cannot be started
 * @throws the signal's reason when it was interrupted
 */
export async function runThen({ command, result, isJson, signal }: ThenOptions): Promise<ThenResult> {
  signal.throwIfAborted();
  const child = start(command, variablesOf(result), isJson);
  const stop = passOn(child, signal);
  try {
    const [exitCode, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (exitCode === 0) return { exitCode, signal: killedBy };
    signal.throwIfAborted();
    const how = killedBy === null ? `with exit code ${exitCode}` : `by ${killedBy}`;
    throw new CommandFailedError(`The command of --then has ended ${how}: ${shown(command)}`, {
      exitCode,
      signal: killedBy,
    });
  } catch (thrown) {
    if (signal.aborted || thrown instanceof CommandFailedError) throw thrown;
    throw cannotRun(toError(thrown).message);
  } finally {
    stop();
  }
}

function start(
  command: string,
  variables: Readonly<Record<ThenVariable, string>>,
  isJson: boolean,
): ChildProcess {
  return spawn(command, {
    shell: true,
    detached: process.platform !== 'win32',
    stdio: ['inherit', isJson ? 2 : 1, 2],
    env: { ...process.env, ...variables },
  });
}

/** Makes the variables that tell a command what was delivered. @throws {CommandFailedError} when the path cannot be told */
function variablesOf(result: ThenOptions['result']): Record<ThenVariable, string> {
  const path = resolve(result.path);
  if (LONE_SURROGATE.test(path)) {
    throw cannotRun(
      `the path ${shown(path)} has bytes that are not UTF-8, which cannot be told by SHOAL_PATH`,
    );
  }
  return {
    SHOAL_PATH: path,
    SHOAL_ID: result.contentId ?? result.sha256 ?? '',
    SHOAL_INFO_HASH: result.infoHash,
    // A NUL, which no variable can hold, and whatever a terminal would obey is an escape in it.
    SHOAL_NAME: printable(result.name),
    SHOAL_SIZE: String(result.size),
    SHOAL_SECONDS: result.seconds.toFixed(3),
    SHOAL_DOWNLOADED: String(result.downloaded),
  };
}

/** Passes a signal of the user on to the command, and kills it when it does not end. @returns a function that stops that */
function passOn(child: ChildProcess, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    sendTo(child, signalOf(signal.reason));
    timer = setTimeout(() => sendTo(child, 'SIGKILL'), KILL_AFTER_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  };
}

function signalOf(reason: unknown): Signal {
  return reason instanceof InterruptedError && reason.by !== 'a closed output' ? reason.by : 'SIGTERM';
}

/** Sends a signal to a command and its children. */
function sendTo(child: ChildProcess, name: NodeJS.Signals): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(name);
    else process.kill(-pid, name);
  } catch (thrown) {
    // All of them have ended meanwhile.
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')) throw thrown;
  }
}

function cannotRun(reason: string): CommandFailedError {
  return new CommandFailedError(`Cannot run the command of --then: ${reason}`, {
    exitCode: null,
    signal: null,
  });
}

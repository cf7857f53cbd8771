import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { endProcess } from './end-process.ts';
import { ExitCode } from './exit-code.ts';
import { leadsToAny, mountsThatMayHang } from './hanging-mounts.ts';
import type { LoadedSettings } from './settings.ts';
import { SIGNALS, takeSignal } from './signals.ts';
import {
  isSupervised,
  type SupervisedMessage,
  type SupervisorMessage,
  supervisedEnvironment,
} from './supervised.ts';

/** The milliseconds in which a process must be gone after it has said that it ends, or was told twice to end. */
const GONE_MS = 500;

/**
 * Runs a command that uses files on a network disk or a FUSE mount in another process, and ends like that process. A hanging
 * call to such a file system may keep a process for ever, even after it was killed. This process touches no such file, so that
 * it can end.
 *
 * It costs the start of a second Node if it is needed, and otherwise only a look at the list of mounts.
 *
 * @param load reads the settings, which name files
 * @returns whether the other process has done the command
 */
export async function superviseWhereItMayHang(
  command: Command,
  load: () => Promise<LoadedSettings>,
): Promise<boolean> {
  if (isSupervised()) return false;
  const mounts = mountsThatMayHang();
  if (mounts.length === 0) return false;
  const mayHang = (paths: readonly string[]) => paths.some((path) => leadsToAny(path, mounts));
  if (!mayHang(namesGiven(command)) && !mayHang(await namesInSettings(load))) return false;
  await supervise();
  return true;
}

/** Lists the arguments and flags of the command that may be paths. */
function namesGiven(command: Command): string[] {
  const flags = Object.values(command.optsWithGlobals<Record<string, unknown>>()).flat();
  return [
    process.cwd(),
    ...[...command.args, ...flags].filter((value): value is string => typeof value === 'string'),
  ];
}

/** Reads the texts of all settings, any of which may be a path. The command itself reports wrong settings. */
async function namesInSettings(load: () => Promise<LoadedSettings>): Promise<string[]> {
  const config = await load().catch(() => undefined);
  return Object.values(config?.texts ?? {});
}

/** Runs the same command in another process until that ends. */
async function supervise(): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: supervisedEnvironment(),
  });
  passSignals(child);
  let ending: ExitCode | undefined;
  child.on('message', (message: SupervisedMessage) => {
    ending = message.ending;
    setTimeout(() => endProcess(message.ending), GONE_MS);
  });
  // The last message of the process may be read after its end.
  const [[code, signal]] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  if (ending === undefined && signal !== null) dieOf(signal as NodeJS.Signals);
  process.exit(ending ?? (code as number | null) ?? ExitCode.unexpected);
}

/** Ends this process by the signal that has ended the other one, so that the parent sees the same. */
function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function passSignals(child: ChildProcess): void {
  let stops = 0;
  for (const signal of SIGNALS) {
    takeSignal(signal, () => {
      const message: SupervisorMessage = { signal };
      // If the message cannot be sent, the process has ended, which is noticed elsewhere.
      if (child.connected) child.send(message, () => {});
      if (signal === 'SIGHUP') return;
      stops += 1;
      if (stops < 2) return;
      setTimeout(() => {
        child.kill('SIGKILL');
        endProcess(ExitCode.interrupted);
      }, GONE_MS);
    });
  }
}

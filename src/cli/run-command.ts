import type { Command } from 'commander';
import {
  GivenUpError,
  inBackground,
  type ReportError,
  ShoalError,
  toError,
  untilGivenUp,
  wakefulClock,
} from '../util/index.ts';
import type { CommonFlags } from './common-flags.ts';
import { endProcess } from './end-process.ts';
import { endWithoutCommand } from './end-without-command.ts';
import { CommandFailedError, InterruptedError } from './errors.ts';
import { ExitCode, exitCodeOf } from './exit-code.ts';
import { listenForInterruption } from './interruption.ts';
import { Log } from './log.ts';
import { namesAttempt } from './names-attempt.ts';
import { Output } from './output.ts';
import type { ProgressDisplay } from './progress.ts';
import { createProgressDisplay } from './progress-display.ts';
import { reportFailure } from './report-failure.ts';
import { flagsOf } from './setting-option.ts';
import { type LoadedSettings, loadSettings } from './settings.ts';
import { superviseWhereItMayHang } from './supervise.ts';
import { onSupervisorGone } from './supervised.ts';

/** The milliseconds in which a command must end after the first SIGINT or SIGTERM. A tracker has more. */
const STOPPING_MS = 3_000;
/** The milliseconds after the end of a command in which the process must end by itself. After them a thread counts as hung. */
const LINGER_MS = 500;

/** The context that every command gets. */
export interface CommandContext extends LoadedSettings {
  readonly output: Output;
  readonly progress: ProgressDisplay;
  readonly log: Log;
  /** Logs an error that does not end the command. */
  readonly onWarning: ReportError;
  /**
   * Reads the settings again, and applies the settings of the log.
   *
   * @param apply applies the other settings; if it throws, nothing changes
   * @throws {ConfigError}
   */
  readonly reload: (apply: (config: LoadedSettings) => void) => Promise<LoadedSettings>;
  /** The signal that aborts when the user stops the command. */
  readonly signal: AbortSignal;
  /** Makes SIGHUP call `handle` instead of stopping the command. */
  readonly takeHangup: (handle: () => void) => void;
  /** Gives the command more time than others to end after the signal has aborted. */
  readonly takeTimeToStop: (milliseconds: number) => void;
}

/**
 * Runs a command: it reads the settings, lets the user stop the command, reports a failure, and ends the process with the
 * right exit code. Everything that all commands have in common is here.
 *
 * After the first signal, the process ends within a limited time. At a second one it ends at once, even if a disk and a thread
 * hang.
 *
 * @param options `holdsHangup`: the command gives SIGHUP another meaning, and one that comes earlier waits for that;
 *   `runsLong`: it may have something to tell when there is no descriptor left, see {@link Log.load}
 */
export async function runCommand(
  command: Command,
  work: (context: CommandContext) => Promise<void>,
  {
    holdsHangup = false,
    runsLong = false,
  }: { readonly holdsHangup?: boolean; readonly runsLong?: boolean } = {},
): Promise<void> {
  const {
    config: file,
    json: isJson = false,
    quiet: isQuiet = false,
  } = command.optsWithGlobals<CommonFlags>();
  const load = () => loadSettings({ file, flags: flagsOf(command), env: process.env });
  if (await superviseWhereItMayHang(command, load)) return;
  const output = new Output(process.stdout, { isJson, isQuiet });
  const progress = await createProgressDisplay(output, process.stderr);
  const log = new Log({ level: 'error', isJson, stream: process.stderr, namesAttempt });

  const endAtOnce = (code: ExitCode): never => {
    progress.stop();
    endProcess(code);
  };
  const fail = (error: Error): ExitCode => {
    progress.stop();
    log.debug('Failed', error);
    const code = exitCodeOf(error);
    if (!(error instanceof InterruptedError && error.isQuiet)) reportFailure(error, code, output);
    return code;
  };
  const { signal, takeHangup } = listenForInterruption(() => endAtOnce(ExitCode.interrupted), holdsHangup);
  onSupervisorGone(() => endAtOnce(ExitCode.interrupted));
  process.off('uncaughtException', endWithoutCommand);
  // Rejections that nobody waits for come here as well.
  process.on('uncaughtException', (thrown: unknown) => {
    const code = fail(toError(thrown));
    // The log may have records that tell the cause.
    inBackground(
      log.written().then(() => endAtOnce(code)),
      'write the log',
      () => endAtOnce(code),
    );
  });

  const onWarning: ReportError = (error, context) => log.warn(`Could not ${context}`, error);
  const grace = { signal, graceMs: STOPPING_MS, clock: wakefulClock, report: onWarning };
  const takeTimeToStop = (milliseconds: number) => {
    grace.graceMs = milliseconds;
  };
  const run = async () => {
    const reload: CommandContext['reload'] = async (apply) => {
      const config = await load();
      apply(config);
      const isLevelAsked = config.origins['log.level'].kind === 'flag';
      log.level = isQuiet && !isLevelAsked ? 'error' : config.settings['log.level'];
      log.oneIn = config.settings['log.sample'];
      return config;
    };
    const config = await reload(() => {});
    if (runsLong) inBackground(log.load(), 'load what writes the log', onWarning);
    for (const { level, message } of config.notices) log[level](message);
    await work({ ...config, output, progress, log, onWarning, reload, signal, takeHangup, takeTimeToStop });
  };
  let code: ExitCode = ExitCode.done;
  try {
    await untilGivenUp(run(), grace);
    await log.written();
    progress.stop();
  } catch (thrown) {
    const error = toError(thrown);
    if (error instanceof GivenUpError) log.warn('Could not stop in time', error);
    // Warnings must be printed before the failure that follows from them.
    await log.written();
    // After the user has stopped the command, an error of Shoal's own only means that it has stopped.
    // The command of --then has failed by itself, or else it is told by the signal's reason.
    const isInterruption =
      signal.aborted && error instanceof ShoalError && !(error instanceof CommandFailedError);
    code = fail(isInterruption ? toError(signal.reason) : error);
    if (error instanceof GivenUpError) endAtOnce(code);
  }
  process.exitCode = code;
  // The reader may be a pager, which takes long. After a signal the command does not wait for it.
  if (!signal.aborted) await output.written();
  // A thread that hangs would keep the process for ever.
  setTimeout(() => endAtOnce(code), LINGER_MS).unref();
}

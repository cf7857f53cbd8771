import type { Command } from 'commander';
import type { Logger } from 'pino';
import { type LoadedConfig, loadConfig, type Settings } from '../config/index.ts';
import { type ReportError, ShoalError, toError } from '../util/index.ts';
import type { CommonFlags } from './common-flags.ts';
import { InterruptedError } from './errors.ts';
import { ExitCode, exitCodeOf } from './exit-code.ts';
import { listenForInterruption } from './interruption.ts';
import { createLogger } from './logger.ts';
import { Output } from './output.ts';
import type { ProgressDisplay } from './progress.ts';
import { createProgressDisplay } from './progress-display.ts';
import { reportFailure } from './report-failure.ts';
import { flagsOf } from './setting-option.ts';

/** What a command is given to work with. */
export interface CommandContext extends LoadedConfig {
  readonly output: Output;
  readonly progress: ProgressDisplay;
  readonly log: Logger;
  /** Takes errors that do not end the command, and logs them. */
  readonly onWarning: ReportError;
  /** Aborts when the user wants the command to stop. */
  readonly signal: AbortSignal;
}

/**
 * Runs a command: reads its settings, lets the user stop it, reports how it failed, and sets the exit code of the
 * process. All that is the same for every command is here.
 */
export async function runCommand(
  command: Command,
  work: (context: CommandContext) => Promise<void>,
): Promise<void> {
  const {
    config: file,
    json: isJson = false,
    quiet: isQuiet = false,
  } = command.optsWithGlobals<CommonFlags>();
  const output = new Output(process.stdout, { isJson, isQuiet });
  const progress = await createProgressDisplay(output, process.stderr);
  const loggerOf = (level: Settings['log.level']) => createLogger({ level, isJson, stream: process.stderr });
  let log = loggerOf('error');

  const endAtOnce = (code: ExitCode): never => {
    progress.stop();
    process.exit(code);
  };
  const fail = (error: Error): ExitCode => {
    progress.stop();
    log.debug({ err: error }, 'Failed');
    const code = exitCodeOf(error);
    if (!(error instanceof InterruptedError && error.isQuiet)) reportFailure(error, code, output);
    return code;
  };
  const signal = listenForInterruption(() => endAtOnce(ExitCode.interrupted));
  // Rejections nobody waits for come here as well.
  process.on('uncaughtException', (thrown: unknown) => {
    endAtOnce(fail(toError(thrown)));
  });

  try {
    const config = await loadConfig({ file, flags: flagsOf(command), env: process.env });
    const isLevelAsked = config.origins['log.level'].kind === 'flag';
    log = loggerOf(isQuiet && !isLevelAsked ? 'error' : config.settings['log.level']);
    const onWarning: ReportError = (err, context) => log.warn({ err }, `Could not ${context}`);
    await work({ ...config, output, progress, log, onWarning, signal });
    progress.stop();
    process.exitCode = ExitCode.done;
  } catch (thrown) {
    const error = toError(thrown);
    // An error on purpose, after the user wanted to stop, says only that it did.
    const isInterruption = signal.aborted && error instanceof ShoalError;
    process.exitCode = fail(isInterruption ? toError(signal.reason) : error);
  }
}
